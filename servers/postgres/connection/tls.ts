import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { getCACertificates, rootCertificates, type ConnectionOptions } from 'node:tls';
import { ConfigurationError } from '../../kit/errors.ts';

/** `sslmode` of libpq. https://www.postgresql.org/docs/18/libpq-ssl.html#LIBPQ-SSL-PROTECTION */
export const tlsModes = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'] as const;
export type TlsMode = (typeof tlsModes)[number];

export interface Tls {
  readonly mode: TlsMode;
  readonly options: ConnectionOptions;
}

/** Attempts in order, each either plain (`false`) or TLS. */
export function tlsAttempts({ mode, options }: Tls): readonly (false | ConnectionOptions)[] {
  if (mode === 'disable') return [false];
  if (mode === 'allow') return [false, options];
  if (mode === 'prefer') return [options, false];
  return [options];
}

/**
 * `DB_SSL=true` means the strict mode: without an explicit mode, encrypting without verifying the server is not enough.
 * If unset it is `prefer` as in libpq, without the useless attempt on localhost.
 */
export async function readTls(parameters: Readonly<Record<string, string | undefined>>, host: string): Promise<Tls> {
  const mode = strictest(readMode(parameters['sslmode'], host), parameters);
  const root = await readPem('DB_SSL_ROOT_CERT', parameters['sslrootcert']);
  const cert = await readPem('DB_SSL_CERT', parameters['sslcert']);
  const key = await readPem('DB_SSL_KEY', parameters['sslkey']);
  const crl = await readPem('sslcrl', parameters['sslcrl']);
  // As in libpq: with a root certificate, `require` verifies like `verify-ca`.
  const verify = mode === 'verify-full' || mode === 'verify-ca' || (mode === 'require' && root !== undefined);
  return {
    mode,
    options: {
      rejectUnauthorized: verify,
      ...(verify && mode !== 'verify-full' && { checkServerIdentity: () => undefined }),
      ...(root !== undefined && { ca: root }),
      ...(cert !== undefined && { cert }),
      ...(key !== undefined && { key }),
      ...(parameters['sslrootcert'] === 'system' && { ca: [...rootCertificates, ...getCACertificates('system')] }),
      ...(crl !== undefined && { crl }),
      ...versions(parameters),
      ...(isIP(host) === 0 && !host.startsWith('/') && { servername: host }),
    },
  };
}

/** As in libpq: system authorities require a matching host name, and direct TLS cannot fall back to plain. */
function strictest(mode: TlsMode, parameters: Readonly<Record<string, string | undefined>>): TlsMode {
  if (parameters['sslrootcert'] === 'system') return 'verify-full';
  const optional = mode === 'disable' || mode === 'allow' || mode === 'prefer';
  return parameters['sslnegotiation'] === 'direct' && optional ? 'require' : mode;
}

const tlsVersions = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'] as const;

function versions(parameters: Readonly<Record<string, string | undefined>>): ConnectionOptions {
  const read = (name: string): (typeof tlsVersions)[number] | undefined => {
    const text = parameters[name];
    const version = tlsVersions.find((one) => one === text);
    if (text !== undefined && version === undefined)
      throw new ConfigurationError(`${name}: must be ${tlsVersions.join(', ')}`);
    return version;
  };
  const [minVersion, maxVersion] = [read('ssl_min_protocol_version'), read('ssl_max_protocol_version')];
  return { ...(minVersion !== undefined && { minVersion }), ...(maxVersion !== undefined && { maxVersion }) };
}

function readMode(text: string | undefined, host: string): TlsMode {
  const word = text?.trim().toLowerCase();
  if (word === undefined || word === '') return isLocal(host) ? 'disable' : 'prefer';
  if (['1', 'true', 'yes', 'on'].includes(word)) return 'verify-full';
  if (['0', 'false', 'no', 'off'].includes(word)) return 'disable';
  if (word === 'no-verify') return 'require'; // node-postgres' name for libpq's mode
  const mode = tlsModes.find((candidate) => candidate === word);
  if (mode !== undefined) return mode;
  throw new ConfigurationError(`DB_SSL: must be ${tlsModes.join(', ')}, true or false`);
}

function isLocal(host: string): boolean {
  return host.startsWith('/') || host === 'localhost' || host === '::1' || host.startsWith('127.');
}

async function readPem(name: string, value: string | undefined): Promise<string | undefined> {
  if (value === undefined || value === '' || value === 'system') return undefined;
  if (value.includes('-----BEGIN')) return value;
  try {
    return await readFile(value, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
    throw new ConfigurationError(`${name} names the file ${value}, which cannot be read (${code})`, { cause: error });
  }
}
