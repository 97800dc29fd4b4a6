import { BlockList, isIP } from 'node:net';
import { domainToASCII } from 'node:url';

export type Variables = Readonly<Record<string, string | undefined>>;

/** A variable that does not name a usable proxy. Its value may contain a password and is not shown. */
export class ProxySettingError extends Error {
  override readonly name = 'ProxySettingError';
}

/**
 * The proxy for this address, from the variables that curl and others read, in lower or upper case (lower case wins).
 * undefined: connect directly. A proxy without a scheme uses plain HTTP.
 * @throws ProxySettingError
 */
export function proxyFor(url: URL, variables: Variables): URL | undefined {
  const names = url.protocol === 'https:' ? ['https_proxy', 'all_proxy'] : ['http_proxy', 'all_proxy'];
  const found = names
    .flatMap((name) => [name, name.toUpperCase()])
    .map((name) => ({ name, value: variables[name]?.trim() ?? '' }))
    .find(({ value }) => value !== '');
  if (found === undefined || isExempt(url, exemptions(variables))) return undefined;
  const address = found.value.includes('://') ? found.value : `http://${found.value}`;
  const proxy = URL.canParse(address) ? new URL(address) : undefined;
  if (proxy === undefined || !['http:', 'https:'].includes(proxy.protocol) || proxy.hostname === '')
    throw new ProxySettingError(
      `${found.name} must be the address of an HTTP proxy, such as http://proxy.example:8080`,
    );
  return proxy;
}

/** An empty variable does not hide the other one. */
function exemptions(variables: Variables): string {
  return [variables['no_proxy'], variables['NO_PROXY']].find((list) => (list ?? '').trim() !== '') ?? '';
}

/**
 * Whether `NO_PROXY` names the host: `host`, `.domain`, `*.domain`, `host:port`, an address, `10.0.0.0/8`, `10.*`, `*`,
 * `<local>` for names without a domain. Entries may be quoted or have a scheme, and be separated as on Windows.
 */
function isExempt(url: URL, list: string): boolean {
  const host = bare(url.hostname);
  const port = url.port === '' ? (url.protocol === 'https:' ? '443' : '80') : url.port;
  return list
    .split(/[\s,;|"']+/)
    .map((entry) => entry.replace(/^\w+:\/\//, '').replace(/(?<=^[^/]*)\/$/, ''))
    .filter((entry) => entry !== '')
    .some((entry) => {
      if (entry === '*') return true;
      if (entry === '<local>') return isIP(host) === 0 && !host.includes('.');
      if (/^(?:\d{1,3}\.){1,3}\*$/.test(entry)) return isIP(host) === 4 && host.startsWith(entry.slice(0, -1));
      if (entry.includes('/')) return isInRange(host, entry);
      const [, name = '', wanted] = /^(\[[^\]]+\]|[^:]+|.*:.*:.*?)(?::(\d+))?$/.exec(entry.toLowerCase()) ?? [];
      if (wanted !== undefined && wanted !== port) return false;
      const named = bare(name.replace(/^\*?\./, ''));
      // As URLs spell it: `bücher.example` is `xn--bcher-kva.example` there.
      const domain = isIP(named) === 0 ? domainToASCII(named) : named;
      return host === domain || (domain !== '' && isIP(domain) === 0 && host.endsWith(`.${domain}`));
    });
}

function bare(host: string): string {
  return host.replace(/^\[|\]$/g, '').replace(/\.$/, '');
}

function isInRange(host: string, range: string): boolean {
  const family = isIP(host);
  const [address = '', bits = ''] = range.split('/');
  if (family === 0 || isIP(address) !== family || !/^\d{1,3}$/.test(bits)) return false;
  const maxBits = family === 4 ? 32 : 128;
  if (Number(bits) > maxBits) return false;
  const block = new BlockList();
  block.addSubnet(address, Number(bits), family === 4 ? 'ipv4' : 'ipv6');
  return block.check(host, family === 4 ? 'ipv4' : 'ipv6');
}

/** Passwords in proxy addresses, as written and decoded, for redaction. */
export function proxySecrets(variables: Variables): readonly string[] {
  const names = ['https_proxy', 'http_proxy', 'all_proxy'].flatMap((name) => [name, name.toUpperCase()]);
  return names.flatMap((name) => {
    const [, password] = /^(?:[a-z]+:\/\/)?[^/@\s]*?:([^/@\s]+)@/i.exec(variables[name]?.trim() ?? '') ?? [];
    return password === undefined ? [] : [password, decoded(password)];
  });
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
