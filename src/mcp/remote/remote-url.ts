/** @returns why a remote server's URL cannot be used; undefined if it can. */
export function flawOfUrl(text: string): string | undefined {
  const url = URL.parse(text);
  if (url === null) return `'${text}' is not an address`;
  const isLoopback = /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(url.hostname);
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopback)) {
    return 'must begin with https:// (http:// only for this machine)';
  }
  if (url.username !== '' || url.password !== '') return 'put credentials in headers, not in the URL';
  return undefined;
}
