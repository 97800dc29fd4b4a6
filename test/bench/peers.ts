import { chmod } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { distFolder } from '../stack/command-line.ts';
import type { Stack } from '../stack/stack.ts';
import { installPeers, peerFolder } from './peer-packages.ts';
import type { ServerCommand } from './raw-client.ts';

/** One server under measurement, and how it is asked for a query. */
export interface Peer {
  readonly name: string;
  readonly command: ServerCommand;
  readonly tool: string;
  readonly argument: string;
}

const bundle = process.env['POSTGRES_BUNDLE'] ?? `${distFolder}servers/postgres.cjs`;
/** All at once: npm removes what a later installation does not name. */
const packages = ['@modelcontextprotocol/server-postgres@0.6.2', '@bytebase/dbhub@1.4.0', '@toolbox-sdk/server@1.12.0'];
/** The floor: see plain-pg.ts. */
export const plain = 'plain pg';
const plainScript = fileURLToPath(new URL('./plain-pg.ts', import.meta.url));

/** The peers are installed once, into a cache folder: they are no dependencies of ours. */
export async function findPeers(stack: Stack, url: string): Promise<readonly Peer[]> {
  await installPeers(packages);
  const script = (name: string): string => join(peerFolder, 'node_modules', name, 'dist', 'index.js');
  const env = { PATH: process.env['PATH'] ?? '', HOME: homedir() };
  const command = (args: string[], extra = {}): ServerCommand => ({
    command: process.execPath,
    args,
    env: { ...env, ...extra },
  });
  return [
    {
      name: 'switchboard',
      command: command([bundle], { DATABASE_URL: url, SWITCHBOARD_STATE_DIR: join(peerFolder, 'state') }),
      tool: 'query_database',
      argument: 'query',
    },
    {
      name: 'server-postgres',
      command: command([script('@modelcontextprotocol/server-postgres'), url]),
      tool: 'query',
      argument: 'sql',
    },
    {
      name: 'dbhub',
      command: command([script('@bytebase/dbhub'), '--transport', 'stdio', '--dsn', `${url}?sslmode=disable`]),
      tool: 'execute_sql',
      argument: 'sql',
    },
    {
      name: 'toolbox',
      command: await toolboxCommand(stack, url, ['--stdio']),
      tool: 'execute_sql',
      argument: 'sql',
    },
    { name: plain, command: command([plainScript, url]), tool: '', argument: 'sql' },
  ];
}

/** Google's toolbox, a native binary, with its own tool for any SQL. */
export async function toolboxCommand(stack: Stack, url: string, args: readonly string[]): Promise<ServerCommand> {
  await installPeers(packages);
  const binary = join(peerFolder, `node_modules/@toolbox-sdk/server-${process.platform}-${process.arch}/bin/toolbox`);
  await chmod(binary, 0o755);
  const { username, password, pathname } = new URL(url);
  return {
    command: binary,
    args: ['--prebuilt', 'postgres', ...args],
    env: {
      POSTGRES_HOST: stack.cluster.host,
      POSTGRES_PORT: String(stack.cluster.port),
      POSTGRES_DATABASE: pathname.slice(1),
      POSTGRES_USER: decodeURIComponent(username),
      POSTGRES_PASSWORD: decodeURIComponent(password),
    },
  };
}
