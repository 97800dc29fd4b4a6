/**
 * What is wrong with the URL of a state database; undefined if nothing is. Beyond this machine, it must say how the
 * connection is protected.
 */
export function problemOfStateUrl(url: string): string | undefined {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined || !['postgres:', 'postgresql:'].includes(parsed.protocol))
    return 'must be a URL such as postgres://user@db.example/switchboard';
  const host = parsed.hostname.replace(/^\[|\]$/gu, '');
  const isNear = host === 'localhost' || host === '::1' || /^127(?:\.\d{1,3}){3}$/u.test(host);
  // For a socket folder, the host is empty and the folder is in the parameters.
  if (host === '' || isNear || parsed.searchParams.has('sslmode')) return undefined;
  return 'add ?sslmode=verify-full, or sslmode=disable if the network is trusted';
}
