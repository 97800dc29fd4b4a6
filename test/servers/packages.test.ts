import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { systems } from '../../servers/contract/systems.ts';
import { distFolder } from '../stack/command-line.ts';
import { packageServers } from '../stack/packages/package-servers.ts';
import { toolNamesOf } from './example-input.ts';
import { startBundle } from './http/harness.ts';
import { ourServers } from './our-servers.ts';

const execute = promisify(execFile);
const manifestSchema = z.looseObject({ name: z.string(), mcpName: z.string(), bin: z.record(z.string(), z.string()) });

let work: string;
let folders: Readonly<Record<string, string>>;

beforeAll(async () => {
  work = await mkdtemp(join(tmpdir(), 'switchboard-packages-'));
  folders = await packageServers(distFolder, join(work, 'packages'));
});
afterAll(() => rm(work, { recursive: true, force: true }));

describe.each(systems)('the package of the $id server', ({ id }) => {
  const folder = (): string => folders[id] ?? '';

  it('depends on nothing, and is who its entry in the registry says', async () => {
    const manifest = manifestSchema.parse(JSON.parse(await readFile(join(folder(), 'package.json'), 'utf8')));
    for (const kind of ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies', 'scripts'])
      expect(manifest).not.toHaveProperty(kind);
    const entry = z
      .looseObject({ name: z.string(), packages: z.array(z.looseObject({ identifier: z.string() })) })
      .parse(JSON.parse(await readFile(join(folder(), 'server.json'), 'utf8')));
    expect(entry.name).toBe(manifest.mcpName);
    for (const { identifier } of entry.packages) expect(identifier).toBe(manifest.name);
  });

  it('has a README whose links lead somewhere, and nothing of the other servers', async () => {
    const readme = await readFile(join(folder(), 'README.md'), 'utf8');
    expect(readme).toContain(`npx -y @switchboard/server-${id} --http 127.0.0.1:8080`);
    expect(readme).not.toMatch(/\]\((?!https?:|#)/);
    const files = await readdir(folder(), { recursive: true });
    for (const other of systems) expect(files.includes(`servers/${other.id}.cjs`)).toBe(other.id === id);
  });
});

it('is packed, installed without a network into an empty folder, and starts over stdio and HTTP', async () => {
  const id = 'slack';
  const place = await mkdtemp(join(work, 'empty-'));
  const npm = (...words: readonly string[]) =>
    execute('npm', [...words, '--offline', '--cache', join(work, 'cache')], { cwd: place });
  const { stdout } = await npm('pack', folders[id] ?? '', '--pack-destination', place, '--json');
  const [{ filename } = { filename: '' }] = z.array(z.object({ filename: z.string() })).parse(JSON.parse(stdout));
  await writeFile(join(place, 'package.json'), '{"private":true}');
  await npm('install', `./${filename}`, '--no-audit', '--no-fund');
  expect(await readdir(join(place, 'node_modules'))).toEqual(expect.arrayContaining(['@switchboard']));

  const bin = join(place, 'node_modules/.bin', `switchboard-server-${id}`);
  expect((await stat(bin)).mode & 0o111).not.toBe(0);
  const environment = {
    PATH: process.env['PATH'] ?? '',
    SWITCHBOARD_STATE_DIR: join(place, 'state'),
    ...ourServers[id].settings,
  };
  const client = new Client({ name: 'test', version: '1' });
  await client.connect(new StdioClientTransport({ command: bin, args: [], env: environment, stderr: 'ignore' }));
  const { tools } = await client.listTools();
  await client.close();
  expect(tools.map(({ name }) => name)).toEqual(toolNamesOf(id));

  const server = await startBundle(bin, environment, '127.0.0.1:0');
  expect((await fetch(`${server.origin}/livez`)).status).toBe(200);
  const catalogue = z.looseObject({ server: z.string() });
  expect(catalogue.parse(await (await fetch(`${server.origin}/catalogue.json`)).json())).toMatchObject({ server: id });
});
