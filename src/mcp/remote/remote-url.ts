/** @returns why a remote server's URL cannot be used, without repeating it; undefined if it can. */
export function flawOfUrl(text: string): string | undefined {
  const url = URL.parse(text);
  if (url === null) return flawOfPort(text) ?? 'is not an address such as https://mcp.example.com/mcp';
  const isLoopback = /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(url.hostname);
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopback)) {
    return 'must begin with https:// (http:// only for this machine)';
  }
  if (url.username !== '' || url.password !== '') return 'put credentials in headers, not in the URL';
  return undefined;
}

/** @returns what is wrong with the address of one of our own servers, which needs no more than a path. */
export function flawOfOwnUrl(text: string): string | undefined {
  const flaw = flawOfUrl(text);
  if (flaw !== undefined) return flaw;
  // `URL` does not tell an empty query or fragment from none.
  if (/[?#]/u.test(text)) return 'must end with the path: tokens and other parameters in an address end up in logs';
  return undefined;
}

function flawOfPort(text: string): string | undefined {
  const port = /^https?:\/\/(?:[^/?#@]*@)?(?:\[[^\]]*\]|[^/?#:]*):(?<port>[^/?#]*)/iu.exec(text.trim())?.groups?.[
    'port'
  ];
  if (port === undefined || (/^\d+$/u.test(port) && Number(port) <= 65_535)) return undefined;
  return 'the port must be a number up to 65535';
}
