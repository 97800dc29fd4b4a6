import { ConfigurationError } from '../../kit/errors.ts';
import type { Parameters } from '../config/parameters-known.ts';
import { readTls, type Tls } from './tls.ts';

/** One of the hosts of a database. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
  readonly tls: Tls;
}

/**
 * Which of several servers is acceptable.
 * https://www.postgresql.org/docs/18/libpq-connect.html#LIBPQ-CONNECT-TARGET-SESSION-ATTRS
 */
export type SessionAttributes = 'any' | 'primary' | 'standby' | 'prefer-standby';

const attributes: Readonly<Record<string, SessionAttributes>> = {
  any: 'any',
  // Our sessions are always read-only: this means a server that could accept writes.
  'read-write': 'primary',
  primary: 'primary',
  master: 'primary',
  'read-only': 'standby',
  standby: 'standby',
  secondary: 'standby',
  slave: 'standby',
  'prefer-standby': 'prefer-standby',
  preferSecondary: 'prefer-standby',
  preferSlave: 'prefer-standby',
};

export function readAttributes(parameters: Parameters): SessionAttributes {
  const text = parameters['target_session_attrs'] ?? 'any';
  const found = attributes[text];
  if (found !== undefined) return found;
  throw new ConfigurationError(
    'target_session_attrs: must be any, read-write, read-only, primary, standby or prefer-standby',
  );
}

/** Pairs hosts with ports; a single port applies to all hosts. */
export async function readEndpoints(parameters: Parameters, host: string): Promise<readonly [Endpoint, ...Endpoint[]]> {
  const hosts = host.split(',').map((one) => one.trim().replace(/^\[(.*)\]$/, '$1'));
  const ports = (parameters['port'] ?? '5432').split(',').map((one) => one.trim());
  if (ports.length > 1 && ports.length !== hosts.length)
    throw new ConfigurationError(`DB_PORT: ${ports.length} ports for ${hosts.length} hosts; give one, or one per host`);
  const [first, ...rest] = await Promise.all(
    hosts.map(async (one, index) => {
      const port = ports.length === 1 ? ports[0] : ports[index];
      return {
        host: one === '' ? 'localhost' : one,
        port: readNumber('DB_PORT', port === undefined || port === '' ? '5432' : port, 1, 65_535),
        tls: await readTls(parameters, one),
      };
    }),
  );
  if (first === undefined) throw new ConfigurationError('DB_HOST is not set');
  return [first, ...rest];
}

export function readNumber(name: string, text: string, minimum: number, maximum: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= minimum && value <= maximum) return value;
  throw new ConfigurationError(`${name}: must be a whole number from ${minimum} to ${maximum}`);
}
