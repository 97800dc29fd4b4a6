/** Where a link in untrusted text can lead: to a web page or to a workspace file. All other links become plain text. */
export type Target =
  | { readonly kind: 'web'; readonly url: string; readonly host: string }
  | { readonly kind: 'file'; readonly path: string; readonly line: number | undefined };

export function linkTarget(href: string): Target | undefined {
  if (/^https?:\/\//iu.test(href)) {
    const url = URL.parse(href);
    if (url === null || url.username !== '' || url.password !== '' || url.href.length > 2000) return undefined;
    return { kind: 'web', url: url.href, host: url.host };
  }
  return fileTarget(decode(href).replace(/#L(\d+).*$/u, ':$1'));
}

const maxPathLength = 1000;

/** Parses a file reference in code or in a link: `src/tax.ts:41`. Must be relative and have an extension. */
export function fileTarget(text: string): Target | undefined {
  if (text.length > maxPathLength) return undefined;
  const match = /^(?<path>(?:[\w@.-]+\/)*[\w@.-]*\w\.[a-z]\w{0,9})(?::(?<line>\d{1,7}))?(?:[:-]\d+)*$/iu.exec(text);
  const path = match?.groups?.['path'];
  if (path === undefined || path.split('/').includes('..')) return undefined;
  const line = Number(match?.groups?.['line'] ?? 0);
  if (line === 0 && !path.includes('/')) return undefined;
  return { kind: 'file', path, line: line === 0 ? undefined : line };
}

/**
 * The real host of a link whose text names another one: `[https://bank.com](https://evil.com)`. Always returned for a
 * host with non-ASCII letters, which can look like other letters.
 */
export function disguisedHost(text: string, target: Target): string | undefined {
  if (target.kind !== 'web') return undefined;
  if (/(?:^|\.)xn--/u.test(target.host)) return target.host;
  const said = /(?<![\w-])(?:https?:\/\/)?(?<host>[\w-]{1,63}(?:\.[\w-]{1,63})+)/iu.exec(text)?.groups?.['host'];
  if (said === undefined || said.toLowerCase() === target.host.toLowerCase().replace(/:\d+$/u, '')) return undefined;
  return target.host;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    if (error instanceof URIError) return text;
    throw error;
  }
}
