import { randomInt } from 'node:crypto';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { readVariable, type Variables } from '../../kit/environment.ts';
import { ConfigurationError } from '../../kit/errors.ts';
import { readAuthentication, type AuthenticationRules } from '../connection/authentication.ts';
import { readConnectionString, type Said } from './connection-string.ts';
import {
  readAttributes,
  readEndpoints,
  readNumber,
  type Endpoint,
  type SessionAttributes,
} from '../connection/endpoints.ts';
import { quoteName } from '../identifiers.ts';
import { lookUpPassword, readService } from './libpq-files.ts';
import { rdsToken } from './rds-token.ts';
import { variableNames, type Parameters } from './parameters-known.ts';
import type { Tls } from '../connection/tls.ts';

/** One database: where it is and how to connect. Nothing is open yet. */
export interface Target {
  /** The name that the `database` argument of a call uses. */
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  /** Called for every new connection, so that a rotated password takes effect. */
  readonly password: (at?: Pick<Endpoint, 'host' | 'port'>) => Promise<string | undefined>;
  readonly tls: Tls;
  /** All hosts, tried in order; host, port and tls above belong to the first. */
  readonly endpoints: readonly Endpoint[];
  readonly attributes: SessionAttributes;
  readonly authentication: AuthenticationRules;
  /** Startup options, `-c name=value ...`, as the owner wrote them. Ours come later and win. */
  readonly options: string | undefined;
  readonly searchPath: string | undefined;
  readonly directTls: boolean;
  readonly keepAliveIdleMs: number | undefined;
  /** The URL says that a pooler assigns connections per transaction. */
  readonly transactionPooling: boolean;
  /** From the URL. The lower of this and DB_MAX_CONCURRENT applies. */
  readonly connectionLimit: number | undefined;
  /** Settings that were not used as written, reported once. */
  readonly remarks: readonly string[];
  readonly connectTimeoutMs: number;
  /** `user@host` that the user's own `ssh` tunnels through. */
  readonly ssh: string | undefined;
}

/**
 * `DATABASES` ("orders=postgres://..., billing=postgres://..."), else `DATABASE_URL`, else single variables. The first
 * is the default for every call.
 */
export async function readTargets(variables: Variables): Promise<readonly [Target, ...Target[]]> {
  const list = await readVariable(variables, 'DATABASES');
  if (list !== undefined) {
    const names = splitList(list).map(([name]) => name);
    const targets = await Promise.all(
      names.map((name) =>
        readTarget(variables, name, async () => {
          const entries = splitList((await readVariable(variables, 'DATABASES')) ?? '');
          return readConnectionString('DATABASES', entries.find(([candidate]) => candidate === name)?.[1] ?? '');
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
      ? undefined
      : async () => readConnectionString('DATABASE_URL', (await readVariable(variables, 'DATABASE_URL')) ?? '');
  return [await readTarget(variables, undefined, read)];
}

function splitList(text: string): [name: string, url: string][] {
  const entries: string[] = [];
  for (const piece of text.split(/[,\n]/).map((entry) => entry.trim())) {
    const last = entries.at(-1);
    // A comma between the hosts of a URL: what follows has no name.
    if (last !== undefined && /=postgres(?:ql)?:\/\/[^/]*$/.test(last) && !/^[\w-]+=\S/.test(piece))
      entries[entries.length - 1] = `${last},${piece}`;
    else if (piece !== '') entries.push(piece);
  }
  const pairs = entries.map((entry): [string, string] => {
    const match = /^([A-Za-z][\w-]{0,62})=(.+)$/.exec(entry);
    if (match?.[1] === undefined || match[2] === undefined)
      throw new ConfigurationError(
        `DATABASES: entry ${entries.indexOf(entry) + 1} must be name=postgres://user:password@host/database (write a comma inside a password as %2C)`,
      );
    return [match[1], match[2]];
  });
  const names = pairs.map(([name]) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new ConfigurationError(`DATABASES names '${twice}' twice`);
  return pairs;
}

async function readTarget(
  variables: Variables,
  name: string | undefined,
  readOwn: (() => Promise<Said>) | undefined,
): Promise<Target> {
  const ssh = await readVariable(variables, 'DB_SSH');
  if (ssh !== undefined && !/^[A-Za-z0-9_][^\s]*$/.test(ssh))
    throw new ConfigurationError('DB_SSH must be user@host or a host from ~/.ssh/config');
  const said = await readOwn?.();
  const collect = async (): Promise<Parameters> => mergeParameters(variables, (await readOwn?.())?.parameters ?? {});
  const parameters = await collect();
  const require = (parameter: string, variable: string): string => {
    const value = parameters[parameter];
    if (value !== undefined && value !== '') return value;
    throw new ConfigurationError(`${variable} is not set (or set DATABASE_URL instead)`);
  };
  const host = require('host', 'DB_HOST');
  const remarks = said === undefined || said.ignored.length === 0 ? [] : [`ignored: ${said.ignored.join(', ')}`];
  // As in libpq; without a URL a missing name is a mistake.
  const byUser = said !== undefined && parameters['dbname'] === undefined ? parameters['user'] : undefined;
  if (byUser !== undefined) remarks.push(`no database name given; using the user name: ${byUser}`);
  const database = byUser ?? require('dbname', 'DB_NAME');
  const user = require('user', 'DB_USER');
  const endpoints = await readEndpoints(parameters, host);
  const [first] = endpoints;
  const ordered = parameters['load_balance_hosts'] === 'random' ? shuffled(endpoints) : endpoints;
  return {
    name: name ?? database,
    ...first,
    database,
    user,
    password: async ({ host, port } = first) => {
      const now = await collect();
      const current = now['password'];
      if (current?.startsWith('rds-iam:') === true)
        return rdsToken(variables, current.slice('rds-iam:'.length), { host, port, user });
      const file = now['passfile'] ?? join(home(variables), '.pgpass');
      return current ?? (await lookUpPassword(file, { host, port, database, user }));
    },
    endpoints: ordered,
    attributes: readAttributes(parameters),
    authentication: readAuthentication(parameters),
    ...readSession(parameters),
    connectTimeoutMs: readTimeout(parameters['connect_timeout'] ?? '10'),
    ssh,
    remarks,
  };
}

function readSession(
  parameters: Parameters,
): Pick<Target, 'options' | 'searchPath' | 'directTls' | 'keepAliveIdleMs' | 'transactionPooling' | 'connectionLimit'> {
  const { schema, keepalives_idle: idle, connection_limit: limit, sslnegotiation: negotiation } = parameters;
  if (negotiation !== undefined && negotiation !== 'postgres' && negotiation !== 'direct')
    throw new ConfigurationError('sslnegotiation: must be postgres or direct');
  const number = (name: string, text: string | undefined, max: number): number | undefined =>
    text === undefined ? undefined : readNumber(name, text, 0, max);
  const idleSeconds = number('keepalives_idle', idle, 1_000_000);
  const connections = number('connection_limit', limit, 1_000_000);
  return {
    options: parameters['options'],
    searchPath: schema
      ?.split(',')
      .map((part) => quoteName(part.trim().replaceAll('"', '')))
      .join(', '),
    directTls: negotiation === 'direct',
    keepAliveIdleMs: idleSeconds === undefined || idleSeconds === 0 ? undefined : idleSeconds * 1000,
    transactionPooling: /^(?:true|1|yes|on)$/i.test(parameters['pgbouncer'] ?? ''),
    connectionLimit: connections === 0 ? undefined : connections,
  };
}

/** libpq waits forever for 0 and below, but here every call must end. */
function readTimeout(text: string): number {
  const seconds = /^(?:0|-\d+)$/.test(text) ? 600 : readNumber('DB_CONNECT_TIMEOUT', text, 1, 600);
  return seconds * 1000;
}

function shuffled<Item>(items: readonly Item[]): Item[] {
  return items
    .map((item) => ({ item, order: randomInt(1_000_000) }))
    .toSorted((a, b) => a.order - b.order)
    .map(({ item }) => item);
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

function home(variables: Variables): string {
  return variables['HOME'] ?? homedir();
}
