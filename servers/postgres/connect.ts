import type { ConnectionOptions } from 'node:tls';
import type { Client, ClientConfig } from 'pg';
import type { Budget } from './config.ts';
import type { Statement } from './flight.ts';
import { Session } from './session.ts';
import { sqlState } from './sql-errors.ts';
import type { Target } from './targets.ts';
import { tlsAttempts } from './tls.ts';

/** Where the server is reached, after tunnels; a cancel request goes the same way. */
export interface Route {
  readonly host: string;
  readonly port: number;
  /** Path of a Unix socket, instead of host and port. */
  readonly path: string | undefined;
  readonly tls: false | ConnectionOptions;
}

export interface ConnectOptions {
  readonly target: Target;
  readonly budget: Budget;
  readonly transactionPooling: boolean;
  /** Where to connect to in place of the target itself: the near end of a tunnel. */
  readonly via: { readonly host: string } | undefined;
}

/** Opens a session. @throws what `pg` throws; `sql-errors.ts` puts it into words. */
export async function openSession(options: ConnectOptions): Promise<Session> {
  const { target, budget } = options;
  const pooled = options.transactionPooling;
  const settings = pooled ? settingsStatement(budget) : limitsStatement(budget);
  let failure: unknown;
  for (const tls of tlsAttempts(target.tls)) {
    try {
      const client = await connectClient(options, tls);
      const near = options.via?.host ?? target.host;
      const path = near.startsWith('/') ? `${near}/.s.PGSQL.${target.port}` : undefined;
      const route = { host: target.host, port: target.port, path, tls };
      return new Session(client, route, budget, { settings, pooled });
    } catch (error) {
      failure = error;
      if (!maySucceedOtherwise(error)) break;
    }
  }
  throw failure;
}

/** Only a refusal of the line itself is worth another mode: a wrong password stays wrong. */
function maySucceedOtherwise(error: unknown): boolean {
  const state = sqlState(error);
  if (state !== undefined) return state === '28000';
  return error instanceof Error && /SSL|TLS|certificate|self.signed/i.test(error.message);
}

async function connectClient(options: ConnectOptions, tls: false | ConnectionOptions): Promise<Client> {
  const { target } = options;
  const password = await target.password();
  try {
    return await tryConnect(options, tls, password, true);
  } catch (error) {
    const state = sqlState(error);
    // A server older than 14, or a pooler, that does not know a setting.
    if (state === '42704') return tryConnect(options, tls, password, false);
    if (state !== '28P01') throw error;
    const fresh = await target.password(); // rotated since
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
  const config: ClientConfig = {
    host: via?.host ?? target.host,
    port: target.port,
    database: target.database,
    user: target.user,
    password: () => password ?? '',
    ssl: tls,
    connectionTimeoutMillis: target.connectTimeoutMs,
    application_name: 'switchboard',
    keepAlive: true,
    ...(!transactionPooling && { options: startupOptions(checkConnection) }),
  };
  const client = new Client(config);
  client.on('error', () => undefined); // reported by the call that meets it
  try {
    await client.connect();
  } catch (error) {
    client.connection.stream.destroy();
    throw error;
  }
  return client;
}

/**
 * Set at start-up, they are what DISCARD ALL returns to. `client_connection_check_interval` makes the backend notice
 * within half a second that we are gone, however we went. Compiling a plan (`jit`) takes longer than most pages do.
 */
function startupOptions(checkConnection: boolean): string {
  const settings = sessionSettings();
  if (checkConnection) settings.push(['client_connection_check_interval', '500'], ['jit', 'off']);
  return settings.map(([name, value]) => `-c ${name}=${value}`).join(' ');
}

function settingsStatement(budget: Budget): Statement {
  const calls = sessionSettings()
    .filter(([name]) => !name.startsWith('default_'))
    .concat([['jit', 'off']])
    .map(([name, value]) => `pg_catalog.set_config('${name}', '${value}', true)`);
  const check = `case when pg_catalog.current_setting('server_version_num')::int >= 140000
    then pg_catalog.set_config('client_connection_check_interval', '500', true) end`;
  return { text: `SELECT ${[...calls, ...limitCalls(budget, true), check].join(', ')}` };
}

/**
 * A limit that the owner gave to the role, the database or the server holds where it is the stricter one. Set at
 * start-up, ours would replace it, and nothing would tell what it was.
 */
function limitsStatement(budget: Budget): Statement {
  return { text: `SELECT ${limitCalls(budget, false).join(', ')}` };
}

function limitCalls(budget: Budget, local: boolean): string[] {
  const limits = [
    ['statement_timeout', budget.statementTimeoutMs],
    ['lock_timeout', budget.lockTimeoutMs],
    // A page that nobody asks for: the pool ends it first, this is for the day the pool cannot.
    ['idle_in_transaction_session_timeout', budget.cursorMs + 30_000],
  ] as const;
  return limits.map(([name, ours]) => {
    // '30s', '2min', '0' for none
    const given = `1000 * pg_catalog.date_part('epoch', pg_catalog.current_setting('${name}')::pg_catalog.interval)`;
    const stricter = `least(nullif(${given}, 0), ${ours})`;
    return `pg_catalog.set_config('${name}', (${stricter})::pg_catalog.text, ${local})`;
  });
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
