import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readMcpConfig } from '../../../src/vscode/mcp-config-file.ts';

let folder: string;
let file: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'switchboard-mcp-config-'));
  file = join(folder, 'mcp.json');
});

afterAll(() => rm(folder, { recursive: true, force: true }));

it('is none where none is named', async () => {
  expect(await readMcpConfig('', {})).toEqual({});
});

it('is read with the variables of the environment', async () => {
  const text = '{"mcpServers": {"notes": {"command": "notes", "env": {"TOKEN": "${NOTES_TOKEN}"}}}}';
  await writeFile(file, text);
  expect(await readMcpConfig(file, { NOTES_TOKEN: 'x' })).toEqual({
    config: { file, text, variables: { NOTES_TOKEN: 'x' } },
  });
});

it.each([
  ['of the workspace', 'mcp.json', '{}', 'must be a whole path'],
  ['not there', '/nowhere/mcp.json', '{}', '/nowhere/mcp.json cannot be read (ENOENT)'],
  ['not JSON', undefined, '{', 'not valid JSON'],
  ['taking a name of ours', undefined, '{"mcpServers": {"jira": {"command": "x"}}}', "the name 'jira' is taken"],
  [
    'asking for what is not in the environment',
    undefined,
    '{"mcpServers": {"notes": {"command": "x", "args": ["${JIRA_TOKEN}"]}}}',
    'the variable JIRA_TOKEN is not set',
  ],
])('that is %s is said, and counts as none', async (_what, path, text, problem) => {
  await writeFile(file, text);
  const read = await readMcpConfig(path ?? file, {});
  expect(read.config).toBeUndefined();
  expect(read.problem).toContain(`switchboard.mcpConfig: `);
  expect(read.problem).toContain(problem);
});
