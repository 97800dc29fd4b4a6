import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';

/** What the files of a room may import. Nothing else is allowed; a type import counts as any other. */
interface Row {
  /** Folders or files; a file belongs to the longest room that its path begins with. */
  readonly rooms: readonly string[];
  /** Other rooms of ours. */
  readonly ours: readonly string[];
  /** Only types of these, which leave nothing in the bundle. */
  readonly types?: readonly string[];
  readonly packages: readonly string[];
  /** Modules of Node: all, or these. */
  readonly node: 'all' | readonly string[];
}

/** What host and servers agree on, as words. */
const words = ['servers/contract', 'servers/contract/systems.ts'];
/** The same with the code that both run: the audit log, the way out to the network. */
const contract = [
  ...words,
  ...['audit', 'network', 'secrets', 'state', 'telemetry'].map((folder) => `servers/contract/${folder}`),
];
const kit = ['servers/kit', ...contract];
const core = ['src/agent', 'src/agent/model'];
/** Nothing that reaches a disk, a network, a process or the environment. */
const pureNode = ['buffer', 'crypto', 'path', 'timers', 'url', 'util'];

/** What each server needs besides the kit and zod. No server imports another. */
const packagesOfServers: Readonly<Record<string, readonly string[]>> = {
  postgres: ['pg', 'pg-connection-string', 'libpg-query'],
  jira: ['jira.js', 'markdown-it'],
  slack: ['@slack/web-api', 'markdown-it', 'markdown-it-emoji', 'html-to-text'],
};

const table: readonly Row[] = [
  { rooms: words, ours: [], packages: ['zod', 'unhomoglyph'], node: ['crypto', 'url'] },
  {
    rooms: ['audit', 'network', 'secrets', 'state', 'telemetry'].map((folder) => `servers/contract/${folder}`),
    ours: words,
    packages: [
      'zod',
      'http-proxy-agent',
      'https-proxy-agent',
      '@aws-sdk/client-secrets-manager',
      'pg',
      '@opentelemetry/api',
      '@opentelemetry/exporter-trace-otlp-http',
      '@opentelemetry/resources',
      '@opentelemetry/sdk-trace',
    ],
    node: 'all',
  },
  {
    rooms: ['servers/kit'],
    ours: contract,
    packages: [
      'zod',
      '@modelcontextprotocol/sdk',
      'rate-limiter-flexible',
      // Of http/, state/ and telemetry/, which are loaded later.
      '@modelcontextprotocol/server',
      'jose',
      'pg',
      'prom-client',
      'yaml',
      'markdown-it',
      'markdown-it-cjk-friendly',
      'tlds',
    ],
    node: 'all',
  },
  { rooms: ['src/settings.ts', 'src/settings', 'src/read-regular-file.ts'], ours: [], packages: ['zod'], node: ['fs'] },
  { rooms: ['src/agent'], ours: [...words, 'src/agent/model'], packages: ['zod', 'yaml'], node: pureNode },
  {
    rooms: ['src/agent/model'],
    ours: [...words, 'src/agent'],
    packages: [
      'zod',
      '@anthropic-ai/sdk',
      '@anthropic-ai/bedrock-sdk',
      '@anthropic-ai/foundry-sdk',
      '@anthropic-ai/vertex-sdk',
      'google-auth-library',
    ],
    node: pureNode,
  },
  {
    rooms: ['src/mcp'],
    ours: [...core, ...contract],
    packages: ['zod', '@modelcontextprotocol/sdk', '@modelcontextprotocol/client', 'jsonc-parser', 'image-size'],
    node: 'all',
  },
  { rooms: ['src/sessions'], ours: [...core, ...contract], packages: ['zod'], node: 'all' },
  {
    rooms: ['src/workspace'],
    ours: [...core, ...contract, 'src/read-regular-file.ts'],
    packages: ['zod', 'ignore'],
    node: 'all',
  },
  { rooms: ['src/chat'], ours: [], types: [...core, ...words], packages: ['zod'], node: [] },
  {
    rooms: ['src/webview'],
    ours: ['src/chat', 'servers/contract/systems.ts'],
    packages: [
      'lit',
      '@vscode-elements/elements',
      '@observablehq/plot',
      '@tanstack/virtual-core',
      'diff',
      'highlight.js',
      'markdown-it',
    ],
    node: [],
  },
  {
    rooms: ['src/terminal'],
    ours: [
      ...core,
      ...words,
      'servers/contract/secrets',
      'servers/contract/state',
      'src/sessions',
      'src/switchboard.ts',
      'src/settings.ts',
      'src/read-regular-file.ts',
    ],
    packages: ['zod', 'commander'],
    node: 'all',
  },
  {
    rooms: ['src/vscode'],
    ours: [
      ...core,
      ...contract,
      'src/chat',
      'src/mcp',
      'src/sessions',
      'src/workspace',
      'src/switchboard.ts',
      'src/settings.ts',
      'src/read-regular-file.ts',
    ],
    packages: ['zod', 'vscode'],
    node: 'all',
  },
  {
    rooms: ['src/switchboard.ts'],
    ours: [],
    types: [...core, ...contract, 'src/mcp', 'src/sessions', 'src/workspace', 'src/settings.ts'],
    packages: [],
    node: [],
  },
  {
    rooms: ['src/assemble.ts', 'src/session-run.ts', 'src/trace-run.ts', 'src/claude-source.ts'],
    ours: [...core, ...contract, 'src/mcp', 'src/sessions', 'src/workspace', 'src/switchboard.ts', 'src/settings.ts'],
    packages: [],
    node: 'all',
  },
  {
    rooms: ['src/service'],
    // Of Slack's server, how it would write the message that an approval is about.
    ours: [
      ...core,
      ...kit,
      'servers/slack',
      'src/sessions',
      'src/switchboard.ts',
      'src/settings.ts',
      'src/read-regular-file.ts',
    ],
    packages: ['zod', 'pg', 'pg-boss', 'jose'],
    node: 'all',
  },
  { rooms: ['src/extension.ts'], ours: ['src/assemble.ts', 'src/vscode'], packages: ['vscode'], node: [] },
  {
    rooms: ['src/cli.ts', 'src/command-line.ts', 'src/work.ts'],
    ours: ['servers/contract/systems.ts', 'src/assemble.ts', 'src/service', 'src/switchboard.ts', 'src/terminal'],
    packages: ['commander'],
    node: 'all',
  },
];

interface Import {
  readonly from: string;
  /** As it is written. */
  readonly specifier: string;
  readonly typeOnly: boolean;
}

const files = trackedAs('src/*.ts', 'servers/*.ts');

function trackedAs(...patterns: readonly string[]): readonly string[] {
  return execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', ...patterns], {
    encoding: 'utf8',
  })
    .split('\n')
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts'));
}

const servers = new Set(files.flatMap((file) => /^servers\/(?!contract\/|kit\/)([^/]+)\//.exec(file)?.[1] ?? []));

const rows: readonly Row[] = [
  ...table,
  ...[...servers].map((name) => ({
    rooms: [`servers/${name}`],
    ours: kit,
    packages: ['zod', ...(packagesOfServers[name] ?? [])],
    node: 'all' as const,
  })),
];

/** `import ... from`, `export ... from`, `import(...)` in code and in types. */
const statement =
  /^(?:import|export)\s+(?<type>type\s)?(?:[^'";]*?\sfrom\s)?'(?<from>[^']+)'|\bimport\(\s*'(?<dynamic>[^']+)'/gm;

function importsOf(file: string, text: string): readonly Import[] {
  return [...text.matchAll(statement)].map(({ groups = {} }) => ({
    from: file,
    specifier: groups['from'] ?? groups['dynamic'] ?? '',
    typeOnly: groups['type'] !== undefined,
  }));
}

interface Place {
  readonly room: string;
  readonly row: Row;
}

const places: readonly Place[] = rows
  .flatMap((row) => row.rooms.map((room) => ({ room, row })))
  .toSorted((a, b) => b.room.length - a.room.length);

function placeOf(file: string): Place | undefined {
  return places.find(({ room }) => file === room || file.startsWith(`${room}/`));
}

function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

/** What is wrong with one import, naming both sides and the row; undefined where it is allowed. */
function faultOf({ from, specifier, typeOnly }: Import): string | undefined {
  const place = placeOf(from);
  if (place === undefined) return `${from} is in no row: add its room to test/imports.test.ts`;
  const { row } = place;
  const forbidden = (what: string, allowed: readonly string[]): string =>
    `${from} imports ${what}, which the row '${place.room}' does not allow (${allowed.join(', ') || 'nothing'})`;
  if (specifier.startsWith('node:')) {
    const [name = ''] = specifier.slice('node:'.length).split('/');
    return row.node === 'all' || row.node.includes(name) ? undefined : forbidden(specifier, row.node);
  }
  if (!specifier.startsWith('.')) {
    const name = packageOf(specifier);
    return row.packages.includes(name) ? undefined : forbidden(name, row.packages);
  }
  const target = normalize(join(dirname(from), specifier));
  const other = placeOf(target);
  if (other === undefined) return forbidden(target, row.ours);
  if (other.row === row || row.ours.includes(other.room)) return undefined;
  if (typeOnly && row.types?.includes(other.room) === true) return undefined;
  return forbidden(target, [...row.ours, ...(row.types ?? []).map((room) => `types of ${room}`)]);
}

const imports = files.flatMap((file) => importsOf(file, readFileSync(file, 'utf8')));
const importsOfTests = trackedAs('test/*.ts').flatMap((file) => importsOf(file, readFileSync(file, 'utf8')));

describe('an import', () => {
  it('is allowed by the row of its file', () => {
    expect(imports.flatMap((each) => faultOf(each) ?? [])).toEqual([]);
  });

  it.each([
    [
      'src/session-run.ts',
      "import { window } from 'vscode';",
      "src/session-run.ts imports vscode, which the row 'src/session-run.ts'",
    ],
    [
      'src/agent/run/run.ts',
      "import type { RunWiring } from '../../session-run.ts';",
      "src/agent/run/run.ts imports src/session-run.ts, which the row 'src/agent'",
    ],
    ['src/agent/run/run.ts', "import { Hub } from '../../mcp/hub.ts';", 'src/agent/run/run.ts imports src/mcp/hub.ts'],
    [
      'src/agent/run/run.ts',
      "import { spawn } from 'node:child_process';",
      'src/agent/run/run.ts imports node:child_process',
    ],
    ['src/agent/run/run.ts', "type Key = import('node:fs').PathLike;", 'src/agent/run/run.ts imports node:fs'],
    [
      'servers/jira/main.ts',
      "export * from '../slack/client.ts';",
      'servers/jira/main.ts imports servers/slack/client.ts',
    ],
    [
      'src/webview/main.ts',
      "const later = import('../agent/run/run.ts');",
      'src/webview/main.ts imports src/agent/run/run.ts',
    ],
    [
      'src/chat/reduce.ts',
      "import { approvalDigest } from '../agent/approval-digest.ts';",
      'src/chat/reduce.ts imports src/agent/approval-digest.ts',
    ],
    ['src/new-thing.ts', "import 'left-pad';", 'src/new-thing.ts is in no row'],
    ['src/vscode/host.ts', "import '../../test/stack/stack.ts';", 'src/vscode/host.ts imports test/stack/stack.ts'],
  ])('that is planted in %s is found: %s', (file, text, fault) => {
    expect(importsOf(file, text).map(faultOf)).toEqual([expect.stringContaining(fault) as string]);
  });

  it('never leads back to its own file, types counted', () => {
    expect(circlesOf([...imports, ...importsOfTests])).toEqual([]);
    const ring = ['a', 'b', 'c'].map((name, index, all): Import => ({
      from: `src/${name}.ts`,
      specifier: `./${all[(index + 1) % 3] ?? ''}.ts`,
      typeOnly: true,
    }));
    expect(circlesOf(ring)).toEqual(['src/a.ts -> src/b.ts -> src/c.ts -> src/a.ts']);
  });

  it('stays within a table that can be read', () => {
    expect(table.length + 1).toBeLessThanOrEqual(20);
    expect(places.filter(({ room }) => !files.some((file) => placeOf(file)?.room === room))).toEqual([]);
  });
});

/** One path for each circle that a walk along the imports meets. */
function circlesOf(all: readonly Import[]): readonly string[] {
  const next = new Map<string, string[]>();
  for (const { from, specifier } of all) {
    if (!specifier.startsWith('.')) continue;
    next.set(from, [...(next.get(from) ?? []), normalize(join(dirname(from), specifier))]);
  }
  const circles: string[] = [];
  const done = new Set<string>();
  const walk = (file: string, path: readonly string[]): void => {
    const start = path.indexOf(file);
    if (start !== -1) {
      circles.push([...path.slice(start), file].join(' -> '));
      return;
    }
    if (done.has(file)) return;
    for (const target of next.get(file) ?? []) walk(target, [...path, file]);
    done.add(file);
  };
  for (const file of [...next.keys()].toSorted()) walk(file, []);
  return circles;
}
