import { readdir, readFile } from 'node:fs/promises';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toolNames } from '../../servers/contract/tool-facts.ts';
import { distFolder } from '../stack/command-line.ts';
import { ourServers } from './our-servers.ts';

const offered: string[] = [];

describe.each(Object.entries(ourServers))('the tools of the %s server', (name, { settings, maxListLength }) => {
  let tools: Awaited<ReturnType<Client['listTools']>>['tools'];
  let stateFolder: string;
  beforeAll(async () => {
    stateFolder = await mkdtemp(join(tmpdir(), 'catalogue-'));
    const client = new Client({ name: 'catalogue', version: '1' });
    await client.connect(
      new StdioClientTransport({
        command: process.execPath,
        args: [join(distFolder, 'servers', `${name}.cjs`)],
        env: { SWITCHBOARD_STATE_DIR: stateFolder, ...settings },
        stderr: 'ignore',
      }),
    );
    ({ tools } = await client.listTools());
    await client.close();
    offered.push(...tools.map((tool) => tool.name));
  });
  afterAll(() => rm(stateFolder, { recursive: true, force: true }));

  it('are each in a file of their own, named after the tool', async () => {
    const sources = await Promise.all(
      (await readdir(`servers/${name}/tools`)).map(
        async (file) => [file, await readFile(`servers/${name}/tools/${file}`, 'utf8')] as const,
      ),
    );
    for (const tool of tools) {
      const file = `${tool.name.replaceAll('_', '-')}.ts`;
      const source = sources.find(([candidate]) => candidate === file)?.[1];
      expect(source, file).toContain(`name: '${tool.name}'`);
      expect(source, file).toMatch(/export default /);
    }
  });

  it('say what they do in few words, and what each argument means', () => {
    for (const tool of tools) {
      expect(tool.name).toMatch(/^[a-z]+(?:_[a-z]+)+$/);
      expect(tool.description?.length, tool.name).toBeGreaterThan(10);
      expect(tool.description?.length, tool.name).toBeLessThan(500);
      expect(tool.outputSchema, tool.name).toMatchObject({ type: 'object' });
    }
  });

  it('say of each whether it reads, changes or replaces', () => {
    for (const { name: tool, annotations, _meta: meta } of tools) {
      // What the specification assumes where a hint is absent is left out; of a write, that would be the worst.
      expect(annotations?.readOnlyHint, tool).toBeTypeOf('boolean');
      if (annotations?.readOnlyHint === false) expect(annotations.destructiveHint, tool).toBeTypeOf('boolean');
      const previews = meta?.['dev.switchboard/preview'] === true;
      expect(previews, `${tool} has a preview`).toBe(annotations?.readOnlyHint === false);
    }
  });

  it('are documented and tested', async () => {
    const readme = await readFile(`servers/${name}/README.md`, 'utf8');
    const files = await readdir(`test/servers/${name}`, { recursive: true });
    const tests = await Promise.all(
      files.filter((file) => file.endsWith('.ts')).map((file) => readFile(`test/servers/${name}/${file}`, 'utf8')),
    );
    for (const tool of tools) {
      // As a name, or with its arguments.
      expect(
        [`\`${tool.name}\``, `\`${tool.name}(`].some((text) => readme.includes(text)),
        `${tool.name} in servers/${name}/README.md`,
      ).toBe(true);
      expect(
        tests.some((text) => text.includes(tool.name)),
        `a test that calls ${tool.name}`,
      ).toBe(true);
    }
  });

  it(`cost less than ${maxListLength} bytes on every turn`, () => {
    expect(Buffer.byteLength(JSON.stringify({ tools }))).toBeLessThan(maxListLength);
  });
});

it('the host and the shared settings know each tool of ours, and no other', () => {
  expect(offered.toSorted()).toEqual([...toolNames].toSorted());
  expect(offered.toSorted()).toEqual([...toolNames].toSorted());
});
