import { homedir } from 'node:os';
import { join } from 'node:path';
import { readVariable, type Variables } from '../kit/environment.ts';
import { ConfigurationError } from '../kit/errors.ts';
import { lookUpPassword, readService } from './libpq-files.ts';
import { rdsToken } from './rds-token.ts';
import { readTls, type Tls } from './tls.ts';

/** One database: where it is and how to get in. Nothing of it is opened yet. */
export interface Target {
  /** The name that a call's `database` argument picks it by. */
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  /** Asked for every new connection, so that a rotated password is taken up. */
  readonly password: () => Promise<string | undefined>;
  readonly tls: Tls;
  readonly connectTimeoutMs: number;
  /** `user@host` of the machine that the user's own `ssh` goes through. */
  readonly ssh: string | undefined;
}

/** Connection parameters by libpq's names, merged from all their sources; the first source that has one wins. */
type Parameters = Readonly<Record<string, string | undefined>>;

/** Article's names first, then libpq's. https://www.postgresql.org/docs/18/libpq-envars.html */
const variableNames: readonly (readonly [parameter: string, ...variables: string[]])[] = [
  ['host', 'DB_HOST', 'PGHOST'],
  ['port', 'DB_PORT', 'PGPORT'],
  ['dbname', 'DB_NAME', 'PGDATABASE'],
  ['user', 'DB_USER', 'PGUSER'],
  ['password', 'DB_PASSWORD', 'PGPASSWORD'],
  ['sslmode', 'DB_SSL', 'PGSSLMODE'],
  ['sslrootcert', 'DB_SSL_ROOT_CERT', 'PGSSLROOTCERT'],
  ['sslcert', 'DB_SSL_CERT', 'PGSSLCERT'],
  ['sslkey', 'DB_SSL_KEY', 'PGSSLKEY'],
  ['connect_timeout', 'DB_CONNECT_TIMEOUT', 'PGCONNECT_TIMEOUT'],
  ['service', 'DB_SERVICE', 'PGSERVICE'],
];
/** Accepted and without meaning here. */
const ignoredParameters = new Set(['application_name', 'fallback_application_name', 'client_encoding', 'keepalives']);

/**
 * `DATABASES` ("orders=postgres://..., billing=postgres://..."), else `DATABASE_URL`, else single variables.
 * The first one is the default of every call.
 */
export async function readTargets(variables: Variables): Promise<readonly [Target, ...Target[]]> {
  const list = await readVariable(variables, 'DATABASES');
  if (list !== undefined) {
    const names = splitList(list).map(([name]) => name);
    const targets = await Promise.all(
      names.map((name) =>
        readTarget(variables, name, async () => {
          const entries = splitList((await readVariable(variables, 'DATABASES')) ?? '');
          return readUrl('DATABASES', entries.find(([candidate]) => candidate === name)?.[1] ?? '');
        }),
      ),
    );
    const [first, ...rest] = targets;
    if (first === undefined)
      throw new ConfigurationError('DATABASES is empty: write name=postgres://user:password@host/database');
    return [first, ...rest];
  }
  const url = await readVariable(variables, 'DATABASE_URL');
  const read =
    url === undefined
      ? async () => ({})
      : async () => readUrl('DATABASE_URL', (await readVariable(variables, 'DATABASE_URL')) ?? '');
  return [await readTarget(variables, undefined, read)];
}

function splitList(text: string): [name: string, url: string][] {
  const entries = text
    .split(/[,\n]/)
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '')
    .map((entry): [string, string] => {
      const match = /^([A-Za-z][\w-]{0,62})=(.+)$/.exec(entry);
      if (match?.[1] === undefined || match[2] === undefined)
        throw new ConfigurationError(
          `DATABASES: entry ${text.split(/[,\n]/).findIndex((raw) => raw.trim() === entry) + 1} must be name=postgres://user:password@host/database (a comma inside a password is written %2C)`,
        );
      return [match[1], match[2]];
    });
  const names = entries.map(([name]) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new ConfigurationError(`DATABASES names '${twice}' twice`);
  return entries;
}

async function readTarget(
  variables: Variables,
  name: string | undefined,
  readOwn: () => Promise<Parameters>,
): Promise<Target> {
  const ssh = await readVariable(variables, 'DB_SSH');
  if (ssh !== undefined && !/^[A-Za-z0-9_][^\s]*$/.test(ssh))
    throw new ConfigurationError('DB_SSH must be user@host or a host of ~/.ssh/config');
  const collect = async (): Promise<Parameters> => mergeParameters(variables, await readOwn());
  const parameters = await collect();
  const require = (parameter: string, variable: string): string => {
    const value = parameters[parameter];
    if (value !== undefined && value !== '') return value;
    throw new ConfigurationError(`${variable} is not set (or give the whole as DATABASE_URL)`);
  };
  const host = require('host', 'DB_HOST');
  const database = require('dbname', 'DB_NAME');
  const user = require('user', 'DB_USER');
  const port = readNumber('DB_PORT', parameters['port'] ?? '5432', 1, 65_535);
  return {
    name: name ?? database,
    host,
    port,
    database,
    user,
    password: async () => {
      const current = (await collect())['password'];
      if (current?.startsWith('rds-iam:') === true)
        return rdsToken(variables, current.slice('rds-iam:'.length), { host, port, user });
      return current ?? (await lookUpPassword(passwordFile(variables), { host, port, database, user }));
    },
    tls: await readTls(parameters, host),
    connectTimeoutMs: readNumber('DB_CONNECT_TIMEOUT', parameters['connect_timeout'] ?? '10', 1, 600) * 1000,
    ssh,
  };
}

async function mergeParameters(variables: Variables, own: Parameters): Promise<Parameters> {
  const merged: Record<string, string | undefined> = { ...own };
  for (const [parameter, ...names] of variableNames) {
    for (const name of names) merged[parameter] ??= await readVariable(variables, name);
  }
  const service = merged['service'];
  if (service === undefined) return merged;
  const files = [
    variables['PGSERVICEFILE'] ?? join(home(variables), '.pg_service.conf'),
    ...(variables['PGSYSCONFDIR'] === undefined ? [] : [join(variables['PGSYSCONFDIR'], 'pg_service.conf')]),
  ];
  const fromFile = await readService(files, service);
  for (const [parameter, value] of Object.entries(fromFile)) merged[parameter] ??= value;
  return merged;
}

function readUrl(variable: string, text: string): Parameters {
  // libpq allows an empty host (a socket in ?host=), URL does not.
  const url = URL.parse(text.replace(/^(postgres(?:ql)?:\/\/(?:[^/@]*@)?)(?=\/)/, '$1localhost'));
  if (url === null || !/^postgres(?:ql)?:$/.test(url.protocol))
    throw new ConfigurationError(`${variable} must be a URL such as postgres://user:password@host:5432/database`);
  const parameters: Record<string, string> = {};
  const put = (name: string, value: string): void => {
    if (value !== '') parameters[name] = decodePart(variable, value);
  };
  put('host', url.hostname.replace(/^\[|\]$/g, ''));
  put('port', url.port);
  put('user', url.username);
  put('password', url.password);
  put('dbname', url.pathname.replace(/^\//, ''));
  const known = new Set(variableNames.map(([parameter]) => parameter));
  for (const [name, value] of url.searchParams) {
    const parameter = name === 'ssl' ? 'sslmode' : name;
    if (known.has(parameter)) parameters[parameter] = value;
    else if (!ignoredParameters.has(name))
      throw new ConfigurationError(`${variable}: unknown parameter '${name}'; known are ${[...known].join(', ')}`);
  }
  return parameters;
}

function decodePart(variable: string, text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    throw new ConfigurationError(`${variable}: a part is not percent-encoded correctly (write % as %25)`, {
      cause: error,
    });
  }
}

function readNumber(name: string, text: string, minimum: number, maximum: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= minimum && value <= maximum) return value;
  throw new ConfigurationError(`${name}: must be a whole number from ${minimum} to ${maximum}`);
}

function home(variables: Variables): string {
  return variables['HOME'] ?? homedir();
}

function passwordFile(variables: Variables): string {
  return variables['PGPASSFILE'] ?? join(home(variables), '.pgpass');
}
