import { expect, it } from 'vitest';
import { readConfigFile } from '../../../src/mcp/config/config-file.ts';
import type { ServerSpec } from '../../../src/mcp/server-specs.ts';
import { changing, never, openHub } from './fixtures/servers.ts';

function read(text: string) {
  return readConfigFile({ file: 'mcp.json', text, variables: { TOKEN: 'abc' } }, '/code/shop');
}

function only(text: string): ServerSpec | undefined {
  const { servers, leftOut } = read(text);
  expect(leftOut).toEqual([]);
  return servers[0];
}

const npx = { kind: 'child', id: 's', command: 'npx', args: ['-y', 'x'] };

it.each([
  [
    'Zed',
    `{ // settings\n "theme": "One", "context_servers": {"s": {"source": "custom", "command": "npx", "args": ["-y", "x"]}} }`,
  ],
  ['Zed, older', `{"context_servers": {"s": {"command": {"path": "npx", "args": ["-y", "x"], "env": null}}}}`],
  ['opencode', `{"mcp": {"s": {"type": "local", "command": ["npx", "-y", "x"], "environment": {"A": "{env:TOKEN}"}}}}`],
  ['a whole line as the command', `{"mcpServers": {"s": {"command": "npx -y x"}}}`],
  ['a line and arguments', `{"mcpServers": {"s": {"command": "npx -y", "args": ["x"]}}}`],
  [
    'null for what there is not',
    `{"mcpServers": {"s": {"command": "npx", "args": ["-y", "x"], "env": null, "url": null, "cwd": null}}}`,
  ],
  ['a list of entries with names', `{"mcpServers": [{"name": "s", "command": "npx", "args": ["-y", "x"]}]}`],
  [
    'Windows line ends and tabs',
    '{\r\n\t"servers": {\r\n\t\t"s": {"command": "npx", "args": ["-y", "x",],},\r\n\t},\r\n}\r\n',
  ],
])('a server is read as it is written: %s', (_what, text) => {
  expect(only(text)).toMatchObject(npx);
});

it.each([
  [
    'Windsurf',
    `{"mcpServers": {"s": {"serverUrl": "https://x.example/mcp", "headers": {"A": "Bearer \${env:TOKEN}"}}}}`,
  ],
  [
    'Gemini CLI',
    `{"mcpServers": {"s": {"httpUrl": "https://x.example/mcp", "headers": {"A": "Bearer $TOKEN"}, "oauth": {"enabled": true}}}, "mcp": {"allowed": ["s"]}}`,
  ],
  [
    'LibreChat',
    `{"mcpServers": {"s": {"type": "streamable-http", "url": "https://x.example/mcp", "headers": {"A": "Bearer \${TOKEN}"}, "initTimeout": 1}}}`,
  ],
  [
    'opencode',
    `{"mcp": {"s": {"type": "remote", "url": "https://x.example/mcp", "headers": {"A": "Bearer {env:TOKEN}"}}}}`,
  ],
])('a server on the network is read as %s writes it', (_host, text) => {
  expect(only(text)).toMatchObject({ kind: 'remote', url: 'https://x.example/mcp', headers: { A: 'Bearer abc' } });
});

it.each([
  ['$TOKEN', 'abc'],
  ['{env:TOKEN}', 'abc'],
  ['a$TOKEN', 'a$TOKEN'],
  ['$token', '$token'],
  ['100% $', '100% $'],
  ['{{.Names}}', '{{.Names}}'],
  ['{{ name }}', '{{ name }}'],
])('a value %s becomes %s', (value, filled) => {
  expect(only(JSON.stringify({ s: { command: 'x', env: { V: value } } }))).toMatchObject({ env: { V: filled } });
});

it.each(['$NOT_SET', '{env:NOT_SET}', '{{LIBRECHAT_USER_ID}}', '${{ secrets.TOKEN }}', '${TOKEN:+set}'])(
  'what nothing here fills in is refused, and never passed on: %s',
  (value) => {
    const { servers, leftOut } = read(JSON.stringify({ s: { command: 'x', env: { V: value } }, t: { command: 'x' } }));
    expect(servers).toMatchObject([{ id: 't' }]);
    expect(leftOut).toEqual([expect.stringContaining('env.V: ')]);
  },
);

it.each([
  ['a path with a space', 'C:\\Program Files\\x.exe', []],
  ['a path with a space and arguments', '/opt/my tools/run', ['a']],
  ['quotes', 'sh -c "a b"', []],
])('a command is not taken apart where it cannot be told how: %s', (_what, command, args) => {
  expect(only(JSON.stringify({ mcpServers: { s: { command, args } } }))).toMatchObject({ command, args });
});

it.each([
  ['[mcp_servers.context7]\ncommand = "npx"\n', 'it looks like TOML'],
  ['version: 1.2\nmcpServers:\n  s:\n    command: npx\n', 'it looks like YAML'],
  ['{"command": "npx", "args": ["x"]}', 'one server without a name'],
])('a file that is something else is named for what it is: %s', (text, what) => {
  expect(() => read(text)).toThrow(what);
});

it.each([
  ['includeTools', ['one'], ['one']],
  ['tools', ['one'], ['one']],
  ['tools', ['*'], ['one', 'two']],
  ['excludeTools', ['one'], ['two']],
  ['disabledTools', ['one'], ['two']],
  ['disabledTools', 'one', ['one', 'two']],
])('%s of a file is heeded: %j', async (key, names, offered) => {
  const spec = only(JSON.stringify({ mcpServers: { s: { command: 'x', [key]: names } } }));
  const { spec: server } = changing([{ name: 'one' }, { name: 'two' }]);
  const hub = openHub([{ ...server, ...(spec?.offered !== undefined && { offered: spec.offered }) }]);
  expect((await hub.list(never)).map(({ plainName }) => plainName)).toEqual(offered);
  const { state } = hub.states()[0] ?? {};
  const leftOut = offered.length === 2 ? [] : [expect.stringContaining('turned off in the file')];
  expect(state).toMatchObject({ leftOut });
});
