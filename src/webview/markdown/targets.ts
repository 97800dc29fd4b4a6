/** Where a link of untrusted text may lead: a browser, or a file of the workspace. Anything else is drawn as text. */
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

/** `src/tax.ts:41`, as it stands in code or as the address of a link: relative, and with an extension. */
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
 * Where a link says another host than it leads to, that host: `[https://bank.com](https://evil.com)`. Always where the
 * host is spelled with letters beyond ASCII, which may look like others.
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
