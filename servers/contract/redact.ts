/** Replaces every live secret and every known token shape by a mark that names what it was. */
export type Redact = (text: string) => string;

// Shapes as the issuers document them. Order matters only for which name a match gets. A token also begins after the
// letter of an escape: in JSON, and in tables of ours, a line break before it is written \n.
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
// The password of `scheme://user:password@host`. A quote, a bracket or a comma before the colon shows that what stands
// before it is no user: JSON, log lines and Markdown bring addresses and @ together. A password may hold an @ itself.
// The lengths are bounded: unbounded, "a.a.a." of 60 KB took seconds.
// The user of a database in Azure has an @ of its own; a host may be a variable; what follows @sha256: is no host.
const urlUserInfo =
  /\b([a-z][a-z0-9+.-]{0,30}:\/\/)([\p{L}\p{N}_.~%!$*+=-]{0,100}(?:@[\w.-]{1,100})?):((?:[^\s/@"'`<>\\{}|^]{1,200})(?:@[^\s/@"'`<>\\{}|^.,:;]{1,100}){0,3})@(?!sha\d{3}:)(?=[\p{L}\p{N}[${%_])/giu;
/** `https://host:8443,bob@example.com`: what stands before the comma is a port, not a password. */
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

/** Part of whatever the patterns above find. Nearly no text has one, and to look for it takes a seventh of their time. */
const anyShape =
  /-----BEGIN |xox[abeoprs]-|xapp-|sk-ant-|AT(?:ATT|CTT|BB)|AKIA|ASIA|gh[opusr]_|github_pat_|eyJ|Bearer |Basic |:\/\//;

/** Shorter values would blank ordinary words. */
const shortestSecret = 6;

/** @param secrets live secret values; each is also matched URL-encoded, in base64 and as JSON escapes it. */
export function createRedactor(secrets: readonly string[]): Redact {
  const values = new Set<string>();
  for (const secret of secrets) {
    if (secret.length < shortestSecret) continue;
    values.add(secret);
    values.add(encodeURIComponent(secret));
    values.add(Buffer.from(secret).toString('base64'));
    values.add(JSON.stringify(secret).slice(1, -1));
  }
  const exact = [...values].sort((a, b) => b.length - a.length);
  return (text) => {
    let redacted = text;
    for (const value of exact) redacted = redacted.replaceAll(value, '[redacted secret]');
    if (!anyShape.test(redacted)) return redacted;
    for (const [name, pattern] of shapes) redacted = redacted.replace(pattern, `[redacted ${name}]`);
    return redacted.replace(urlUserInfo, maskUserInfo);
  };
}

/**
 * Masks every text of a value, however deep. Nearly always there is nothing to mask, which one pass over all texts shows:
 * for a table that is ten times cheaper than one for each cell. A line break between them keeps a text's ends where word
 * boundaries are.
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

/** Masks the texts of a JSON document, never its marks: what comes out is JSON again. */
export function redactJson(json: string, redact: Redact): string {
  // What holds nothing to mask keeps its bytes, spaces and all.
  const before: unknown = JSON.parse(json);
  const { whole } = redactDeep({ whole: before }, redact);
  return whole === before ? json : JSON.stringify(whole);
}

/** What the redactor put into a text, by name: "Slack token", "secret (2 times)". */
export function redactedIn(before: string, after: string): string[] {
  const counts = new Map<string, number>();
  for (const [, name = ''] of after.matchAll(markPattern)) counts.set(name, (counts.get(name) ?? 0) + 1);
  for (const [, name = ''] of before.matchAll(markPattern)) counts.set(name, (counts.get(name) ?? 0) - 1);
  return [...counts].flatMap(([name, count]) => (count < 1 ? [] : count === 1 ? [name] : [`${name} (${count} times)`]));
}

const markPattern = /\[redacted ([A-Za-z ]{1,30})\]/g;
