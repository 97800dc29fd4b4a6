import * as z from 'zod';

/** An address that a token is sent to: https, or http on this machine. Without a trailing slash. */
export const baseUrl = z.string().transform((text, context) => {
  const url = URL.canParse(text.trim()) ? new URL(text.trim()) : undefined;
  const isPlain =
    url !== undefined && url.search === '' && url.hash === '' && url.username === '' && url.password === '';
  if (!isPlain || !['https:', 'http:'].includes(url.protocol)) {
    context.addIssue('must be an https address, without a user name, a query or a fragment');
    return z.NEVER;
  }
  if (url.protocol === 'http:' && !isLoopback(url.hostname)) {
    context.addIssue(
      'must begin with https:// (http: would send the token unencrypted; it is allowed only for this machine)',
    );
    return z.NEVER;
  }
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
});

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(host);
}
