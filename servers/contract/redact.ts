/** Replaces every live secret and every known kind of token with a placeholder that names it. */
export type Redact = (text: string) => string;

// Token formats as their issuers document them. The order only decides which name a match gets. A token may also start
// after the letter of an escape: in JSON and in our tables, a line break before it is written \n.
const shapes: readonly (readonly [name: string, pattern: RegExp])[] = [
  ['private key', /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g],
  ['Slack token', /(?:\b|(?<=\\[bfnrt]))xox[abeoprs]-[A-Za-z0-9-]{10,}/g],
  ['Slack app token', /(?:\b|(?<=\\[bfnrt]))xapp-[A-Za-z0-9-]{10,}/g],
  ['Anthropic key', /(?:\b|(?<=\\[bfnrt]))sk-ant-[A-Za-z0-9_-]{16,}/g],
  ['Atlassian token', /(?:\b|(?<=\\[bfnrt]))AT(?:ATT|CTT|BB)[A-Za-z0-9_=-]{20,}/g],
  ['AWS access key', /(?:\b|(?<=\\[bfnrt]))(?:AKIA|ASIA)[A-Z0-9]{16}\b/g],
  ['GitHub token', /(?:\b|(?<=\\[bfnrt]))(?:gh[opusr]_[A-Za-z0-9]{30,}|github_pat_[A-Za-z0-9_]{30,})/g],
  ['JSON web token', /(?:\b|(?<=\\[bfnrt]))eyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+/g],
  ['bearer token', /(?<=(?:\b|\\[bfnrt])(?:Bearer|Basic) )[A-Za-z0-9._~+/=-]{16,}/g],
];
// The password in `scheme://user:password@host`. A quote, bracket or comma before the colon means that the text before
// it is not a user: JSON, log lines and Markdown put URLs and @ side by side. A password may contain an @. Lengths are
// bounded: without bounds, 60 KB of "a.a.a." took seconds. An Azure database user contains an @; a host may be a
// variable; @sha256: is not followed by a host.
const urlUserInfo =
  /\b([a-z][a-z0-9+.-]{0,30}:\/\/)([\p{L}\p{N}_.~%!$*+=-]{0,100}(?:@[\w.-]{1,100})?):((?:[^\s/@"'`<>\\{}|^]{1,200})(?:@[^\s/@"'`<>\\{}|^.,:;]{1,100}){0,3})@(?!sha\d{3}:)(?=[\p{L}\p{N}[${%_])/giu;
/** `https://host:8443,bob@example.com`: the text before the comma is a port, not a password. */
function maskUserInfo(match: string, scheme: string, user: string, password: string): string {
  const [, after] = /^\d{1,5}([^\p{L}\p{N}])/u.exec(password) ?? [];
  const isHost = /\.|^localhost$/i.test(user);
  const isWeb = /^(?:http|ws)s?:/i.test(scheme);
  const isPort =
    after !== undefined &&
    ((isHost && ',;&|)=，；、）→'.includes(after)) ||
      ((isHost || isWeb) && '?#'.includes(after)) ||
      (isWeb && /^\d{2,5}[,;，；、]/.test(password)));
  return isPort ? match : `${scheme}${user}:[redacted password]@`;
}

/**
 * A substring of anything that the patterns above match. Few texts contain one, and this check takes a seventh of the
 * time.
 */
const anyShape =
  /-----BEGIN |xox[abeoprs]-|xapp-|sk-ant-|AT(?:ATT|CTT|BB)|AKIA|ASIA|gh[opusr]_|github_pat_|eyJ|Bearer |Basic |:\/\//;

/** Shorter values would mask ordinary words. */
const shortestSecret = 6;

/** Some secrets are new every quarter of an hour, and the check costs time for each. */
const fewLearned = 20;

/** Longest first: a secret may be part of another. */
function formsOf(secrets: readonly string[]): readonly string[] {
  const values = new Set<string>();
  for (const secret of secrets) {
    if (secret.length < shortestSecret) continue;
    values.add(secret);
    values.add(encodeURIComponent(secret));
    values.add(Buffer.from(secret).toString('base64'));
    values.add(JSON.stringify(secret).slice(1, -1));
  }
  return [...values].sort((a, b) => b.length - a.length);
}

export interface Redactor extends Redact {
  /** From now on these are masked, too: a secret was rotated. The ones before stay masked. */
  readonly learn: (secrets: readonly string[]) => void;
}

/**
 * @param secrets live secret values; each is also matched URL-encoded, in base64 and as JSON escapes it.
 * @param mostLearned how many of those learned later are masked: the last ones.
 */
export function createRedactor(secrets: readonly string[], mostLearned = fewLearned): Redactor {
  const learned = new Set<string>();
  let exact = formsOf(secrets);
  const learn = (more: readonly string[]): void => {
    const fresh = more.filter((secret) => !learned.has(secret) && !exact.includes(secret));
    if (fresh.length === 0) return;
    for (const secret of fresh) learned.add(secret);
    for (const secret of [...learned].slice(0, -mostLearned)) learned.delete(secret);
    exact = formsOf([...secrets, ...learned]);
  };
  const redact: Redact = (text) => {
    let redacted = text;
    for (const value of exact) redacted = redacted.replaceAll(value, '[redacted secret]');
    if (!anyShape.test(redacted)) return redacted;
    for (const [name, pattern] of shapes) redacted = redacted.replace(pattern, `[redacted ${name}]`);
    return redacted.replace(urlUserInfo, maskUserInfo);
  };
  return Object.assign(redact, { learn });
}

/**
 * Masks every text in a value, at any depth. There is rarely anything to mask, and one pass over all texts detects
 * that: for a table, ten times cheaper than one pass per cell. The line breaks between texts preserve word boundaries.
 */
export function redactDeep(value: Readonly<Record<string, unknown>>, redact: Redact): Record<string, unknown> {
  const texts: string[] = [];
  gatherTexts(value, texts);
  const all = texts.join('\n');
  if (redact(all) === all) return value;
  const walk = (item: unknown): unknown => {
    if (typeof item === 'string') return redact(item);
    if (Array.isArray(item)) return item.map(walk);
    if (item === null || typeof item !== 'object') return item;
    return Object.fromEntries(Object.entries(item).map(([key, inner]) => [key, walk(inner)]));
  };
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, walk(inner)]));
}

function gatherTexts(value: unknown, texts: string[]): void {
  if (typeof value === 'string') texts.push(value);
  else if (Array.isArray(value)) for (const item of value) gatherTexts(item, texts);
  else if (value !== null && typeof value === 'object')
    for (const inner of Object.values(value)) gatherTexts(inner, texts);
}

/** Masks the texts of a JSON document but not its syntax, so the result is valid JSON. */
export function redactJson(json: string, redact: Redact): string {
  // A document with nothing to mask keeps its bytes, including spaces.
  const before: unknown = JSON.parse(json);
  const { whole } = redactDeep({ whole: before }, redact);
  return whole === before ? json : JSON.stringify(whole);
}

/** What the redactor masked in a text, by name: "Slack token", "secret (2 times)". */
export function redactedIn(before: string, after: string): string[] {
  const counts = new Map<string, number>();
  for (const [, name = ''] of after.matchAll(markPattern)) counts.set(name, (counts.get(name) ?? 0) + 1);
  for (const [, name = ''] of before.matchAll(markPattern)) counts.set(name, (counts.get(name) ?? 0) - 1);
  return [...counts].flatMap(([name, count]) => (count < 1 ? [] : count === 1 ? [name] : [`${name} (${count} times)`]));
}

const markPattern = /\[redacted ([A-Za-z ]{1,30})\]/g;
