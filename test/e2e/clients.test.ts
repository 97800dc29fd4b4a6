import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { promisify } from 'node:util';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { serverCommand, serverNames, type ServerName } from '../bench/bundles.ts';
import { distFolder } from '../stack/command-line.ts';
import type { Stack } from '../stack/stack.ts';
import { runCli, startSharedStack } from './harness.ts';

const run = promisify(execFile);
const require = createRequire(import.meta.url);
const inspector = require
  .resolve('@modelcontextprotocol/inspector/package.json')
  .replace('package.json', 'clients/launcher/build/index.js');

let stack: Stack;

beforeAll(async () => {
  stack = await startSharedStack({ failed: 6 });
});

afterAll(async () => {
  await stack?.stop();
});

/** A read that every deployment allows, and what its result must contain. */
const reads: Record<ServerName, { tool: string; input: Record<string, string>; holds: RegExp }> = {
  postgres: {
    tool: 'query_database',
    input: { query: 'SELECT count(*) AS n FROM orders WHERE status = $$failed$$' },
    holds: /\b\d+\b/,
  },
  jira: { tool: 'search_jira_issues', input: { jql: 'project = ENG ORDER BY created DESC' }, holds: /columns|issues/ },
  slack: { tool: 'list_slack_channels', input: {}, holds: /operations/ },
};

describe.each(serverNames)('%s, from a client that knows nothing of Switchboard', (name) => {
  test("the SDK's own client", async () => {
    const client = new Client({ name: 'somebody-else', version: '1.0.0' });
    const { command, args, env } = serverCommand(name, stack);
    await client.connect(new StdioClientTransport({ command, args: [...args], env: { ...env }, stderr: 'ignore' }));
    try {
      const { tools } = await client.listTools();
      expect(tools.map((tool) => tool.name)).toContain(reads[name].tool);
      const result = await client.callTool({ name: reads[name].tool, arguments: reads[name].input });
      expect(result.isError).not.toBe(true);
      expect(JSON.stringify(result.structuredContent)).toMatch(reads[name].holds);
    } finally {
      await client.close();
    }
  });

  test('mcp-inspector --cli', async () => {
    const { command, args, env } = serverCommand(name, stack);
    const call = Object.entries(reads[name].input).flatMap(([key, value]) => ['--tool-arg', `${key}=${value}`]);
    const variables = Object.entries(env).flatMap(([variable, value]) => ['-e', `${variable}=${value}`]);
    const inspect = (method: readonly string[]) => {
      const parameters = [inspector, '--cli', ...variables, command, ...args, '--format', 'json', ...method];
      return run(process.execPath, parameters, { timeout: 30_000 });
    };
    const listed = await inspect(['--method', 'tools/list']);
    expect(listed.stdout).toContain(reads[name].tool);
    const called = await inspect(['--method', 'tools/call', '--tool-name', reads[name].tool, ...call]);
    expect(called.stdout).toMatch(reads[name].holds);
    expect(z.looseObject({}).parse(JSON.parse(called.stdout))).not.toHaveProperty('isError', true);
  });
});

test('switchboard serve is the same server and reports what is missing', async () => {
  const client = new Client({ name: 'somebody-else', version: '1.0.0' });
  const { env } = serverCommand('postgres', stack);
  const args = [`${distFolder}cli.cjs`, 'serve', 'postgres'];
  await client.connect(
    new StdioClientTransport({ command: process.execPath, args, env: { ...env }, stderr: 'ignore' }),
  );
  const { tools } = await client.listTools();
  await client.close();
  expect(tools.map((tool) => tool.name)).toContain('query_database');

  const { code, stdout, stderr } = await runCli(stack, ['serve', 'postgres'], { DB_HOST: undefined });
  expect({ code, stdout, stderr }).toEqual({
    code: 78,
    stdout: '',
    stderr: 'switchboard-postgres: DB_HOST is not set (or set DATABASE_URL instead)\n',
  });
});
