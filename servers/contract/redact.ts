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
// The scheme's length is bounded: unbounded, "a.a.a." of 60 KB took seconds.
const urlUserInfo = /\b([a-z][a-z0-9+.-]{0,30}:\/\/)([^\s/@:]+):([^\s/@]+)@/gi;

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
    return redacted.replace(urlUserInfo, '$1$2:[redacted password]@');
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
