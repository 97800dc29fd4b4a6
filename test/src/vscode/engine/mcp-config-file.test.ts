import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readMcpConfig, type ConfigSource } from '../../../../src/vscode/engine/mcp-config-file.ts';

let folder: string;
let file: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'switchboard-mcp-config-'));
  file = join(folder, 'mcp.json');
});

afterAll(() => rm(folder, { recursive: true, force: true }));

const read = (path: string, changes: Partial<ConfigSource> = {}) =>
  readMcpConfig({
    path,
    variables: {},
    workspaceFolder: undefined,
    policy: { allowed: true },
    answer: () => Promise.resolve(undefined),
    ...changes,
  });

it('no server of the file is read where a policy forbids additional servers', async () => {
  const reason = 'Additional MCP servers are not started.';
  expect(await read('/tmp/not-read.json', { policy: { allowed: false, reason } })).toEqual({
    problems: [reason],
    notes: [],
    inputs: [],
  });
});

it('there is no file if none is configured', async () => {
  expect(await read('')).toEqual({ problems: [], notes: [], inputs: [] });
});

it('reads the file with variables from the environment', async () => {
  const text = '{"mcpServers": {"notes": {"command": "notes", "env": {"TOKEN": "${NOTES_TOKEN}"}}}}';
  await writeFile(file, text);
  const { config, problems } = await read(file, { variables: { NOTES_TOKEN: 'x' } });
  expect(problems).toEqual([]);
  expect(config).toMatchObject({ file, text, variables: { NOTES_TOKEN: 'x' } });
});

it('reads the file with the stored answers to its inputs', async () => {
  const inputs = [{ id: 'token', type: 'promptString', password: true }];
  await writeFile(file, JSON.stringify({ inputs, servers: { n: { command: 'n', env: { T: '${input:token}' } } } }));
  const without = await read(file);
  expect(without.inputs).toMatchObject([{ id: 'token', password: true }]);
  expect(without.problems[0]).toContain('run "Enter Values for MCP Servers..."');
  const asked: string[] = [];
  const answered = await read(file, {
    answer: (of, input) => {
      asked.push(`${of} ${input}`);
      return Promise.resolve('secret');
    },
  });
  expect(answered.problems).toEqual([]);
  expect(answered.config?.inputs).toEqual({ token: 'secret' });
  expect(asked).toEqual([`${file} token`]);
});

it.each([
  ['a relative path', 'mcp.json', '{}', 'must be an absolute path'],
  ['missing', '/nowhere/mcp.json', '{}', '/nowhere/mcp.json cannot be read (ENOENT)'],
  ['invalid JSON', undefined, '{', 'not valid JSON'],
])('a file (%s) that cannot be used is reported and ignored', async (_what, path, text, problem) => {
  await writeFile(file, text);
  const { config, problems } = await read(path ?? file);
  expect(config).toBeUndefined();
  expect(problems).toHaveLength(1);
  expect(problems[0]).toContain('switchboard.mcpConfig: ');
  expect(problems[0]).toContain(problem);
});

it('names the server that needs a missing variable, and keeps the others', async () => {
  await writeFile(file, '{"mcpServers": {"a": {"command": "x", "args": ["${JIRA_TOKEN}"]}, "b": {"command": "y"}}}');
  const { config, problems } = await read(file);
  expect(config).toBeDefined();
  expect(problems[0]).toContain('"a" was skipped: args[0]: the variable JIRA_TOKEN is not set');
});
