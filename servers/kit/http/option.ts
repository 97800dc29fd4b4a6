import { ConfigurationError } from '../errors.ts';

export interface Address {
  readonly host: string;
  readonly port: number;
}

/**
 * `--http HOST:PORT` or `--http=HOST:PORT`; an IPv6 host is in brackets; port 0 is any free one. Undefined: stdio.
 * @throws ConfigurationError, also for any other argument, because a misspelled one would start the wrong thing.
 */
export function readHttpOption(argv: readonly string[]): Address | undefined {
  const [first, second, ...more] = argv;
  if (first === undefined) return undefined;
  const value = first.startsWith('--http=') ? first.slice('--http='.length) : second;
  const extra = first.startsWith('--http=') ? argv.slice(1) : more;
  if ((first !== '--http' && !first.startsWith('--http=')) || extra.length > 0)
    throw new ConfigurationError(`unknown arguments: ${argv.join(' ')}. There is only --http HOST:PORT`);
  const { host, ipv6, port } =
    /^(?:\[(?<ipv6>[0-9a-fA-F:.]+)\]|(?<host>[^:[\]/\s]+)):(?<port>\d{1,5})$/u.exec(value ?? '')?.groups ?? {};
  const name = ipv6 ?? host;
  if (name === undefined || Number(port) > 65_535)
    throw new ConfigurationError('--http needs HOST:PORT, such as 127.0.0.1:8080 or [::1]:8080');
  return { host: name, port: Number(port) };
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(?:\.\d{1,3}){3}$/u.test(host);
}
