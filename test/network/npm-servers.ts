// Real third-party servers, as npm has them, and the files in which four hosts write them down.
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('../../.cache/servers-from-npm', import.meta.url));

const packages = {
  '@modelcontextprotocol/server-everything': '2026.8.31',
  '@modelcontextprotocol/server-filesystem': '2026.8.31',
  '@modelcontextprotocol/server-memory': '2026.8.31',
  '@modelcontextprotocol/server-sequential-thinking': '2026.8.31',
  '@modelcontextprotocol/server-system-monitor': '2.0.3',
  '@playwright/mcp': '0.0.83',
  'chrome-devtools-mcp': '1.11.0',
  '@bytebase/dbhub': '1.4.0',
  '@upstash/context7-mcp': '4.1.1',
  '@eslint/mcp': '0.3.13',
} as const;

/** False where the npm registry cannot be reached and nothing is in the cache. */
export function install(): boolean {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, dependencies: packages }));
  const options = ['--no-audit', '--no-fund', '--silent', '--prefer-offline', '--fetch-retries=0', '--ignore-scripts'];
  return spawnSync('npm', ['install', ...options], { cwd: folder, timeout: 400_000 }).status === 0;
}

export interface Place {
  /** A folder that the servers may use. */
  readonly work: string;
  readonly chromium: string;
}

export interface Written {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

const bin = (name: string): string => join(folder, 'node_modules', '.bin', name);

/** By the name that a person gives them. */
export function serversFor({ work, chromium }: Place): Readonly<Record<string, Written>> {
  const isRoot = process.getuid?.() === 0;
  const write = (name: string, args: readonly string[] = [], env: Readonly<Record<string, string>> = {}): Written => ({
    command: bin(name),
    args,
    env,
  });
  return {
    everything: write('mcp-server-everything'),
    filesystem: write('mcp-server-filesystem', [work]),
    memory: write('mcp-server-memory', [], { MEMORY_FILE_PATH: join(work, 'memory.jsonl') }),
    'sequential-thinking': write('mcp-server-sequential-thinking', [], { DISABLE_THOUGHT_LOGGING: 'true' }),
    'system-monitor': write('mcp-system-monitor-server', ['--stdio']),
    playwright: write('playwright-mcp', [
      '--headless',
      '--isolated',
      '--caps=vision',
      `--executable-path=${chromium}`,
      ...(isRoot ? ['--no-sandbox'] : []),
    ]),
    'chrome-devtools': write('chrome-devtools-mcp', [
      '--headless',
      '--isolated',
      '--no-usage-statistics',
      '--no-performance-crux',
      `--executablePath=${chromium}`,
      ...(isRoot ? ['--chromeArg=--no-sandbox'] : []),
    ]),
    dbhub: write('dbhub', ['--transport', 'stdio', '--demo']),
    context7: write('context7-mcp'),
    eslint: write('mcp'),
  };
}

type Servers = Readonly<Record<string, Written>>;

function mapValues<To extends object>(servers: Servers, to: (server: Written) => To): Readonly<Record<string, To>> {
  return Object.fromEntries(Object.entries(servers).map(([name, server]) => [name, to(server)] as const));
}

/** One file each with all servers. */
export const shapes: Readonly<Record<string, (servers: Servers) => string>> = {
  'VS Code': (servers) => {
    const entries = Object.entries(servers).map(
      ([name, server]) => `    // ${name}\n    "${name}": ${JSON.stringify({ type: 'stdio', ...server })},\n`,
    );
    return `{\n  "inputs": [],\n  "servers": {\n${entries.join('')}  },\n}\n`;
  },
  Cursor: (servers) => {
    const mcpServers = mapValues(servers, (server) => ({ ...server, disabled: false }));
    return `\uFEFF${JSON.stringify({ mcpServers }, undefined, '\t')}`;
  },
  'Claude Desktop': (servers) => JSON.stringify({ globalShortcut: '', mcpServers: servers, preferences: {} }),
  'Claude Code': (servers) => {
    const mcpServers = mapValues(servers, ({ command, args, env }) => ({
      type: 'stdio',
      command: command.replace(folder, `\${SERVERS:-${folder}}`),
      args,
      env,
    }));
    return JSON.stringify({ mcpServers }, undefined, 2);
  },
};
