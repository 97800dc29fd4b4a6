import type { Variables } from '../settings.ts';

/** Reads from VS Code's `http` settings. */
export type HttpSetting = 'proxy' | 'noProxy' | 'proxyAuthorization' | 'proxySupport';

const neverProxied = ['localhost', '127.0.0.1', '::1'];

/**
 * VS Code's own proxy settings as the environment variables that the model client and the server processes read. Names
 * are lower case, which takes precedence over the inherited environment. Empty if no proxy is set.
 */
export function proxyVariables(read: (name: HttpSetting) => unknown): Variables {
  const proxy = text(read('proxy'));
  if (read('proxySupport') === 'off') return { https_proxy: '', http_proxy: '', HTTPS_PROXY: '', HTTP_PROXY: '' };
  if (proxy === '') return {};
  const exempt = read('noProxy');
  const hosts: readonly unknown[] = Array.isArray(exempt) ? exempt : [];
  const address = withCredentials(proxy, text(read('proxyAuthorization')));
  return {
    https_proxy: address,
    http_proxy: address,
    no_proxy: [...neverProxied, ...hosts.map(text)].filter((host) => host !== '').join(','),
  };
}

function text(value: unknown): string {
  return typeof value === 'string' ? value.trim() : '';
}

/** Adds the credentials of a `Basic …` header to the URL, unless the URL already has credentials. */
function withCredentials(proxy: string, authorization: string): string {
  const [, encoded] = /^basic\s+(\S+)$/i.exec(authorization) ?? [];
  const address = proxy.includes('://') ? proxy : `http://${proxy}`;
  if (encoded === undefined || !URL.canParse(address)) return address;
  const url = new URL(address);
  if (url.username !== '') return address;
  const [user = '', ...password] = Buffer.from(encoded, 'base64').toString('utf8').split(':');
  url.username = encodeURIComponent(user);
  url.password = encodeURIComponent(password.join(':'));
  return url.href;
}
