import type { ConnectionOptions } from 'node:tls';
import type { Client, ClientConfig } from 'pg';
import { ToolError } from '../../kit/errors.ts';
import { watchAuthentication } from './authentication.ts';
import type { Budget } from '../config/config.ts';
import type { SessionAttributes } from './endpoints.ts';
import type { Statement } from './statement.ts';
import { Session } from './session.ts';
import { sqlState } from './to-tool-error.ts';
import type { Target } from '../config/database-settings.ts';
import { tlsAttempts } from './tls.ts';

export interface ConnectOptions {
  readonly target: Target;
  readonly budget: Budget;
  readonly transactionPooling: boolean;
  /** Where to connect instead of the target: the local end of a tunnel. */
  readonly via: { readonly host: string } | undefined;
}

/** Opens a session to the first acceptable host. @throws the errors of `pg`, which `to-tool-error.ts` explains. */
export async function openSession(options: ConnectOptions): Promise<Session> {
  const { target } = options;
  // A tunnel leads to one host.
  const endpoints = options.via === undefined ? target.endpoints : target.endpoints.slice(0, 1);
  const wanted = target.attributes === 'prefer-standby' ? (['standby', 'any'] as const) : [target.attributes];
  let failure: unknown;
  for (const attributes of wanted) {
    for (const endpoint of endpoints) {
      try {
        return await openAt({ ...options, target: { ...target, ...endpoint } }, attributes);
      } catch (error) {
        failure = error;
        // As in libpq: if a server rejects the account, the next one would too.
        if (sqlState(error)?.startsWith('28') === true) throw error;
      }
    }
  }
  throw failure;
}

async function openAt(options: ConnectOptions, attributes: SessionAttributes): Promise<Session> {
  const { target, budget } = options;
  const pooled = options.transactionPooling;
  const ask = pooled ? settingsStatement(budget, target.searchPath) : limitsStatement(budget);
  let failure: unknown;
  for (const tls of tlsAttempts(target.tls)) {
    try {
      const client = await connectClient(options, tls);
      await checkAttributes(client, target, attributes);
      const near = options.via?.host ?? target.host;
      const path = near.startsWith('/') ? `${near}/.s.PGSQL.${target.port}` : undefined;
      const route = { host: target.host, port: target.port, path, tls, direct: target.directTls };
      return new Session(client, route, budget, { limits: { ask, set: knownLimits }, pooled });
    } catch (error) {
      failure = error;
      if (!maySucceedOtherwise(error)) break;
    }
  }
  throw failure;
}

async function checkAttributes(client: Client, target: Target, attributes: SessionAttributes): Promise<void> {
  if (attributes !== 'primary' && attributes !== 'standby') return;
  const { rows } = await client.query<{ standby: boolean }>('select pg_catalog.pg_is_in_recovery() as standby');
  if (rows[0]?.standby === (attributes === 'standby')) return;
  await client.end();
  throw new ToolError(
    'unreachable',
    `The server at ${target.host}:${target.port} is ${attributes === 'standby' ? 'the primary' : 'a replica'}, but target_session_attrs asks for ${attributes === 'standby' ? 'a replica' : 'the primary'}.`,
    { hint: 'Name the other hosts too, or set target_session_attrs=any.' },
  );
}

/** Only a rejected connection is worth another mode: a wrong password stays wrong. */
function maySucceedOtherwise(error: unknown): boolean {
  const state = sqlState(error);
  if (state !== undefined) return state === '28000';
  return error instanceof Error && /SSL|TLS|certificate|self.signed/i.test(error.message);
}

async function connectClient(options: ConnectOptions, tls: false | ConnectionOptions): Promise<Client> {
  const { target } = options;
  const password = await target.password(target);
  try {
    return await tryConnect(options, tls, password, true);
  } catch (error) {
    const state = sqlState(error);
    // A server before 14, or a pooler, that does not know a setting.
    if (state === '42704') return tryConnect(options, tls, password, false);
    if (state !== '28P01') throw error;
    const fresh = await target.password(target); // rotated in the meantime
    if (fresh === password) throw error;
    return tryConnect(options, tls, fresh, true);
  }
}

async function tryConnect(
  { target, transactionPooling, via }: ConnectOptions,
  tls: false | ConnectionOptions,
  password: string | undefined,
  checkConnection: boolean,
): Promise<Client> {
  const { Client } = await import('pg');
  const binding = target.authentication.channelBinding;
  const config: ClientConfig = {
    host: via?.host ?? target.host,
    port: target.port,
    database: target.database,
    user: target.user,
    password: () => {
      check();
      return password ?? '';
    },
    ssl: tls,
    connectionTimeoutMillis: target.connectTimeoutMs,
    application_name: 'switchboard',
    keepAlive: true,
    enableChannelBinding: binding === 'prefer' || binding === 'require',
    ...(target.keepAliveIdleMs !== undefined && { keepAliveInitialDelayMillis: target.keepAliveIdleMs }),
    ...(target.directTls && tls !== false && { sslnegotiation: 'direct' }),
    ...startup(target, transactionPooling ? undefined : startupOptions(checkConnection)),
  };
  const client = new Client(config);
  const check = watchAuthentication(client, target.authentication, tls !== false);
  client.on('error', () => undefined); // reported by the call that hits it
  try {
    await client.connect();
    check();
  } catch (error) {
    client.connection.stream.destroy();
    throw error;
  }
  return client;
}

/** The owner's options come first: if both set something, the later one wins. */
function startup({ options, searchPath }: Target, ours: string | undefined): { options?: string } {
  const path = searchPath === undefined || ours === undefined ? [] : [`-c search_path=${escapeOption(searchPath)}`];
  const all = [options, ...path, ours].filter((part) => part !== undefined && part !== '');
  return all.length === 0 ? {} : { options: all.join(' ') };
}

function escapeOption(value: string): string {
  return value.replaceAll(/[\\\s]/g, (character) => `\\${character}`);
}

/**
 * Startup settings are what DISCARD ALL resets to. `client_connection_check_interval` makes the backend notice within
 * half a second that we are gone, for whatever reason. Compiling a plan (`jit`) takes longer than most pages.
 */
function startupOptions(checkConnection: boolean): string {
  const settings = sessionSettings();
  if (checkConnection) settings.push(['client_connection_check_interval', '500'], ['jit', 'off']);
  return settings.map(([name, value]) => `-c ${name}=${value}`).join(' ');
}

function settingsStatement(budget: Budget, searchPath: string | undefined): Statement {
  const calls = sessionSettings()
    .filter(([name]) => !name.startsWith('default_'))
    .concat([['jit', 'off']], searchPath === undefined ? [] : [['search_path', searchPath]])
    .map(([name, value]) => setLocal(name, `'${value.replaceAll("'", "''")}'`));
  const check = `case when pg_catalog.current_setting('server_version_num')::int >= 140000
    then pg_catalog.set_config('client_connection_check_interval', '500', true) end`;
  return { text: `SELECT ${[...calls, ...limitCalls(budget), check].join(', ')}` };
}

/**
 * A limit that the owner set for the role, the database or the server applies if it is stricter than ours. Set at
 * startup, ours would replace it without a trace.
 */
function limitsStatement(budget: Budget): Statement {
  return { text: `SELECT pg_catalog.pg_backend_pid(), ${limitCalls(budget).join(', ')}` };
}

/** Far cheaper to plan than asking. */
function knownLimits(values: readonly (string | null)[]): Statement {
  const calls = limitNames.map((name, index) => setLocal(name, `'${(values[index] ?? '').replaceAll("'", "''")}'`));
  return { text: `SELECT ${calls.join(', ')}`, bare: true };
}

const limitNames = ['statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout'] as const;

function limitCalls({ statementTimeoutMs, lockTimeoutMs, cursorMs }: Budget): string[] {
  const limits = {
    statement_timeout: statementTimeoutMs,
    lock_timeout: lockTimeoutMs,
    // For a page that is never requested: the pool closes it first; this is the fallback.
    idle_in_transaction_session_timeout: cursorMs + 30_000,
  };
  return limitNames.map((name) => {
    // '30s', '2min', '0' for no limit
    const given = `1000 * pg_catalog.date_part('epoch', pg_catalog.current_setting('${name}')::pg_catalog.interval)`;
    return setLocal(name, `(least(nullif(${given}, 0), ${limits[name]}))::pg_catalog.text`);
  });
}

/** For the rest of the transaction. */
function setLocal(name: string, value: string): string {
  return `pg_catalog.set_config('${name}', ${value}, true)`;
}

function sessionSettings(): [name: string, value: string][] {
  return [
    ['default_transaction_read_only', 'on'],
    ['standard_conforming_strings', 'on'],
    ['DateStyle', 'ISO'],
    ['IntervalStyle', 'postgres'],
    ['bytea_output', 'hex'],
  ];
}
