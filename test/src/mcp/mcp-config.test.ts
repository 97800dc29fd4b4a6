import { describe, expect, it } from 'vitest';
import { systems } from '../../../servers/contract/systems.ts';
import type { EntryContext } from '../../../src/mcp/config/entry.ts';
import { McpConfigError } from '../../../src/mcp/config/errors.ts';
import { parseMcpConfig } from '../../../src/mcp/config/mcp-config.ts';
import type { ServerSpec } from '../../../src/mcp/server-specs.ts';

const context: EntryContext = {
  variables: {
    PATH: '/usr/bin',
    HOME: '/home/jane',
    GITHUB_TOKEN: 'canary-github',
    EMPTY: '',
    JIRA_TOKEN: 'canary-jira',
  },
  home: '/home/jane',
  workspaceFolder: '/code/shop',
  input: (id) => (id === 'answered' ? 'canary-input' : undefined),
  inputHint: (id) => `set INPUT_${id}`,
  readFile: (path) => {
    if (path === '/code/shop/.env') return '# comment\nFROM_FILE="a b"\nTOKEN=file\n';
    throw Object.assign(new Error('gone'), { code: 'ENOENT' });
  },
};

const base = { PATH: '/usr/bin', HOME: '/home/jane' };

function parse(value: unknown, changes: Partial<EntryContext> = {}) {
  const text = typeof value === 'string' ? value : JSON.stringify(value, undefined, 2);
  return parseMcpConfig(text, 'team.json', { ...context, ...changes });
}

/** One entry of the file, read. */
function entry(value: unknown, changes: Partial<EntryContext> = {}) {
  const { servers, leftOut, notes } = parse({ mcpServers: { x: value } }, changes);
  return { spec: servers[0], leftOut, notes };
}

function child(value: unknown): Extract<ServerSpec, { kind: 'child' }> {
  const { spec, leftOut } = entry(value);
  expect(leftOut).toEqual([]);
  if (spec?.kind !== 'child') throw new Error('it is no server that is started here');
  return spec;
}

describe('an MCP configuration file', () => {
  it('becomes untrusted specs with only the environment it names', () => {
    const { servers } = parse({
      mcpServers: {
        github: {
          type: 'stdio',
          command: 'npx',
          args: ['-y', '${PACKAGE:-github-mcp}'],
          env: { TOKEN: '${GITHUB_TOKEN}' },
        },
      },
    });
    expect(servers).toEqual([
      {
        kind: 'child',
        id: 'github',
        title: 'github',
        trusted: false,
        command: 'npx',
        args: ['-y', 'github-mcp'],
        env: { ...base, TOKEN: 'canary-github' },
      },
    ]);
  });

  const one = { command: 'node', args: ['server.js'] };

  it.each([
    ['Claude Desktop, with its preferences', { mcpServers: { a: one }, preferences: { x: 1 }, globalShortcut: '' }],
    ['Claude Code', { mcpServers: { a: { type: 'stdio', ...one, env: {} } } }],
    ['Cursor', { mcpServers: { a: { ...one, envFile: '${workspaceFolder}/.env' } } }],
    ['VS Code', { inputs: [], servers: { a: { type: 'stdio', ...one, gallery: true, version: '1.0' } } }],
    ['VS Code, in settings.json', { 'editor.fontSize': 12, mcp: { inputs: [], servers: { a: one } } }],
    [
      'Cline',
      { mcpServers: { a: { ...one, disabled: false, autoApprove: ['x'], timeout: 60, transportType: 'stdio' } } },
    ],
    ['Gemini CLI', { mcpServers: { a: { ...one, trust: false, includeTools: ['x'], description: 'Files' } } }],
    ['Copilot CLI', { mcpServers: { a: { type: 'local', ...one, tools: ['*'] } } }],
    ['a schema for editors', { $schema: 'https://example.com/mcp.json', mcpServers: { a: one } }],
    ['the bare list', { a: one }],
    [
      'comments and trailing commas',
      '// team\n{ "mcpServers": { /* one */ "a": {"command": "node", "args": ["server.js",],}, } }',
    ],
    ['a byte order mark', `\u{FEFF}${JSON.stringify({ mcpServers: { a: one } })}`],
  ])('is read as written for %s', (_who, value) => {
    const { servers, leftOut } = parse(value);
    expect(leftOut).toEqual([]);
    expect(servers).toMatchObject([{ kind: 'child', id: 'a', command: 'node', args: ['server.js'] }]);
  });

  it.each([
    ['{', /^team\.json:1: not valid JSON: /],
    ['{\n"mcpServers": {\n"a": {command: 1}}}', /^team\.json:3: not valid JSON: /],
    ['', /^team\.json:1: not valid JSON: it is empty/],
    [{}, /^team\.json:1: "mcpServers" \(or "servers", as VS Code writes it\) is missing/],
    [{ other: 1 }, /is missing/],
    [{ mcpServers: [] }, /^team\.json:2: mcpServers: must be an object/],
    [[], /^team\.json:1: must be an object/],
    [null, /^team\.json:1: must be an object/],
  ])('that is %j is rejected as a whole, with the line', (value, message) => {
    expect(() => parse(value)).toThrow(McpConfigError);
    expect(() => parse(value)).toThrow(message);
  });

  it('with one invalid entry keeps the others, and names that one with its line', () => {
    const { servers, leftOut } = parse(
      '{\n  "mcpServers": {\n    "good": {"command": "x"},\n    "bad": {"args": []}\n  }\n}',
    );
    expect(servers.map(({ id }) => id)).toEqual(['good']);
    expect(leftOut).toEqual([
      'team.json:4: "bad" was skipped: command: is required (a program to start), or url for a remote server.',
    ]);
  });

  it.each([
    [{ command: 'x', args: 'server.js' }, 'args: '],
    [{ command: 'x', args: [{}] }, 'args.0: '],
    [{ command: 7 }, 'command: '],
    [{ command: '' }, 'command: '],
    [{ command: 'x', env: { A: {} } }, 'env.A: '],
    [{ command: 'x', timeout: -1 }, 'timeout: '],
    [{ type: 'carrier-pigeon', command: 'x' }, "type: 'carrier-pigeon' is unknown; use stdio, http or sse"],
    [{ type: 'http' }, "url: is required for type 'http'"],
    [{ url: 'not an address' }, 'url: is not an address such as https://'],
    [{ url: 'https://mcp.example.com:99999/mcp' }, 'url: the port must be a number up to 65535'],
    [{ url: 'https://user:secret@mcp.example.com:x1/mcp' }, 'url: the port must be a number up to 65535'],
    [{ url: 'http://example.com/mcp' }, 'url: must begin with https://'],
    [{ url: 'ftp://example.com/mcp' }, 'url: must begin with https://'],
    [{ url: 'https://user:secret@example.com/mcp' }, 'url: put credentials in headers'],
    [{ command: '${NOWHERE}' }, 'command: the variable NOWHERE is not set'],
    [{ command: 'x', env: { T: '${env:NOWHERE}' } }, 'env.T: the variable NOWHERE is not set'],
    [{ command: 'x', env: { T: '${input:asked}' } }, "env.T: the input 'asked' has no value; set INPUT_asked"],
    [{ command: 'x', args: ['${command:pick}'] }, 'args[0]: ${command:pick} is not a reference'],
    [{ command: 'x', args: ['${config:a.b}'] }, 'args[0]: ${config:a.b} is not a reference'],
    [{ command: 'x', args: ['${}'] }, 'args[0]: ${} is not a reference'],
    [{ url: 'https://x.test', headers: { A: '${env:NOWHERE}' } }, 'headers.A: the variable NOWHERE is not set'],
    [{ command: 'x', envFile: 'gone.env' }, 'envFile: /code/shop/gone.env cannot be read (ENOENT)'],
    ['text', 'expected object'],
    [null, 'expected object'],
    [
      { url: 'https://x.test', oauth: { clientId: 'a', grant: 'client_credentials' } },
      'oauth: client_credentials needs',
    ],
  ])('skips an entry %j and says why', (value, reason) => {
    const { spec, leftOut } = entry(value);
    expect(spec).toBeUndefined();
    expect(leftOut).toHaveLength(1);
    expect(leftOut[0]).toContain(reason);
  });

  it('needs an open folder only if an entry refers to it', () => {
    const { leftOut } = entry({ command: '${workspaceFolder}/x' }, { workspaceFolder: undefined });
    expect(leftOut[0]).toContain('command: ${workspaceFolder} needs an open folder');
  });
});

describe('a reference', () => {
  it.each([
    ['${GITHUB_TOKEN}', 'canary-github'],
    ['${env:GITHUB_TOKEN}', 'canary-github'],
    ['${NOWHERE:-fall:-back}', 'fall:-back'],
    ['${env:NOWHERE:-x}', 'x'],
    ['${EMPTY:-x}', 'x'],
    ['${EMPTY}', ''],
    ['${input:answered}', 'canary-input'],
    ['${workspaceFolder}/a', '/code/shop/a'],
    ['${workspaceFolderBasename}', 'shop'],
    ['${userHome}${/}a', '/home/jane/a'],
    ['$GITHUB_TOKEN %PATH% {x}', '$GITHUB_TOKEN %PATH% {x}'],
    // The content of a value is not expanded again.
    ['${NOWHERE:-$}{GITHUB_TOKEN}', '${GITHUB_TOKEN}'],
  ])('%s expands to %j', (text, filled) => {
    expect(child({ command: 'x', args: [text] }).args).toEqual([filled]);
  });

  it("to an unanswered input takes the file's default", () => {
    const inputs = [{ id: 'asked', type: 'promptString', description: 'Which?', default: 'usual' }];
    const { servers } = parse({ inputs, servers: { x: { command: 'x', args: ['${input:asked}'] } } });
    expect(servers).toMatchObject([{ args: ['usual'] }]);
  });

  it('to an input of an unknown kind is skipped and reported', () => {
    const inputs = [{ id: 'asked', type: 'command', command: 'x' }];
    const { leftOut, notes } = parse({ inputs, servers: { x: { command: '${input:asked}' } } });
    expect(leftOut).toHaveLength(1);
    expect(notes[0]).toMatch(/^team\.json:2: inputs\.0: /);
  });
});

describe('an environment', () => {
  it('accepts numbers, booleans and null, and a file with lower precedence', () => {
    const { env } = child({ command: 'x', envFile: '.env', env: { PORT: 80, FAST: true, HOME: null, TOKEN: 'own' } });
    expect(env).toEqual({ PATH: '/usr/bin', PORT: '80', FAST: 'true', TOKEN: 'own', FROM_FILE: 'a b' });
  });

  it('contains nothing of ours that the file does not name', () => {
    expect(JSON.stringify(child({ command: 'x' }))).not.toContain('canary');
  });
});

describe('a server that is turned off', () => {
  it.each([
    { command: 'x', disabled: true },
    { command: 'x', enabled: false },
  ])('by %j is reported and not used', (value) => {
    const { spec, leftOut, notes } = entry(value);
    expect([spec, leftOut]).toEqual([undefined, []]);
    expect(notes).toEqual(['team.json:3: "x" is turned off in the file.']);
  });
});

describe('a name', () => {
  const names = [
    'My Server',
    '@scope/x',
    'io.github.acme/tools',
    'context7.v2',
    'postgres',
    'jira',
    'host',
    'a__b',
    'a_b',
    '',
    'сервер',
    'n'.repeat(80),
    'ok-1',
  ];

  it('of any form becomes a valid, unique id that is never one of ours', () => {
    const { servers, notes } = parse({ mcpServers: Object.fromEntries(names.map((name) => [name, { command: 'x' }])) });
    const ids = servers.map(({ id }) => id);
    expect(servers.map(({ title }) => title)).toEqual(names);
    expect(new Set(ids).size).toBe(names.length);
    for (const id of ids) {
      expect(id).toMatch(/^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$/);
      expect(id).not.toContain('__');
      expect([...systems.map((system) => system.id), 'host', 'workspace']).not.toContain(id);
    }
    expect(ids).toContain('ok-1');
    expect(ids).toContain('My-Server');
    expect(notes).toContainEqual(expect.stringContaining('"My Server" is called My-Server here'));
  });

  it('that is valid stays the id, wherever it is in the file', () => {
    const { servers } = parse({ mcpServers: { 'a b': { command: 'x' }, 'a-b': { command: 'y' } } });
    expect(servers.map(({ id, title }) => [title, id])).toEqual([
      ['a b', 'a-b-2'],
      ['a-b', 'a-b'],
    ]);
  });
});

describe('a remote server', () => {
  it.each([
    [{ type: 'http', url: 'https://x.test/mcp' }, 'http'],
    [{ type: 'streamable-http', url: 'https://x.test/mcp' }, 'http'],
    [{ type: 'streamableHttp', url: 'https://x.test/mcp' }, 'http'],
    [{ type: 'sse', url: 'https://x.test/mcp' }, 'sse'],
    [{ url: 'https://x.test/mcp' }, 'auto'],
    [{ serverUrl: 'https://x.test/mcp' }, 'auto'],
    [{ type: 'http', httpUrl: 'https://x.test/mcp' }, 'http'],
  ])('is read from %j', (value, transport) => {
    expect(entry(value).spec).toMatchObject({ kind: 'remote', transport, url: 'https://x.test/mcp', headers: {} });
  });

  it('has headers with references', () => {
    const { spec } = entry({
      url: 'http://127.0.0.1:9/mcp',
      headers: { Authorization: 'Bearer ${GITHUB_TOKEN}', N: 1 },
    });
    expect(spec).toMatchObject({ headers: { Authorization: 'Bearer canary-github', N: '1' } });
  });
});

describe('a timeout', () => {
  it.each([
    [60, 60_000],
    [0.5, 500],
    [999, 999_000],
    [30_000, 30_000],
  ])('of %d is %d ms', (timeout, callMs) => {
    expect(entry({ command: 'x', timeout }).spec?.limits).toEqual({ callMs });
  });
});

describe('a key without effect', () => {
  it('is reported, not an error', () => {
    const { notes } = entry({ command: 'x', autoApprove: ['y'], descripton: 'a typo' });
    expect(notes).toEqual(['team.json:3: "x": autoApprove, descripton has no effect here.']);
  });
});
