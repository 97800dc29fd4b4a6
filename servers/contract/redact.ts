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
    for (const [name, pattern] of shapes) redacted = redacted.replace(pattern, `[redacted ${name}]`);
    return redacted.replace(urlUserInfo, '$1$2:[redacted password]@');
  };
}
