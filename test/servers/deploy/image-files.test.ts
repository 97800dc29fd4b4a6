import { execFile } from 'node:child_process';
import { generateKeyPairSync, verify } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { gatherFiles } from '../../stack/image.ts';
import { createStatement, preAuthentication, signStatement } from '../../stack/image-record/provenance.ts';

const bomSchema = z.looseObject({
  bomFormat: z.literal('CycloneDX'),
  components: z.array(
    z.looseObject({
      type: z.string(),
      group: z.string().optional(),
      name: z.string(),
      version: z.string().optional(),
    }),
  ),
});
const envelopeSchema = z.strictObject({
  payloadType: z.literal('application/vnd.in-toto+json'),
  payload: z.string(),
  signatures: z.tuple([z.strictObject({ keyid: z.string(), sig: z.string() })]),
});
const run = promisify(execFile);
let folder: string;
let files: readonly { readonly name: string; readonly mode: number; readonly size: number }[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'switchboard-files-'));
  await gatherFiles(join(folder, 'files'));
  const names = await readdir(join(folder, 'files'), { recursive: true });
  const found = await Promise.all(
    names.map(async (name) => ({ name, ...pick(await stat(join(folder, 'files', name))) })),
  );
  files = found.flatMap(({ isFile, ...file }) => (isFile ? [file] : []));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function pick(of: { mode: number; size: number; isFile: () => boolean }) {
  return { mode: of.mode, size: of.size, isFile: of.isFile() };
}

describe('the files of the image', () => {
  it('are fewer than 140 MB', () => {
    expect(files.reduce((sum, { size }) => sum + size, 0)).toBeLessThan(140e6);
  });

  it('have one program, no shell, and nothing that changes who runs or that others may write', () => {
    const programs = files.filter(({ name, mode }) => (mode & 0o111) !== 0 && !/\.so(?:\.\d+)*$/u.test(name));
    expect(programs.map(({ name }) => name)).toEqual(['usr/bin/node']);
    expect(files.filter(({ mode }) => (mode & 0o6022) !== 0)).toEqual([]);
  });

  it('have certificates, names, and no bundle of the editor', async () => {
    expect(await readFile(join(folder, 'files/etc/ssl/certs/ca-certificates.crt'), 'utf8')).toMatch(
      /^-----BEGIN CERTIFICATE-----/u,
    );
    const bundles = new Set(files.map(({ name }) => basename(name)));
    for (const name of ['postgres.cjs', 'jira.cjs', 'slack.cjs', 'cli.cjs', 'libpg-query.wasm', 'passwd'])
      expect(bundles).toContain(name);
    for (const name of ['extension.cjs', 'host.cjs', 'webview.js']) expect(bundles).not.toContain(name);
  });

  it('have all that the command line and the servers load: nothing outside the folder is read', async () => {
    const node = join(folder, 'files/usr/bin/node');
    const app = join(folder, 'files/app');
    const { stdout } = await run(node, [join(app, 'cli.cjs'), '--version'], { env: {} });
    expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/u);
    for (const bundle of await readdir(join(app, 'servers'))) {
      if (!bundle.endsWith('.cjs')) continue;
      const asked = (await readFile(join(app, 'servers', bundle), 'utf8')).matchAll(
        /(?:require|import)\("(\.{1,2}\/[\w./-]+\.cjs)"\)/gu,
      );
      for (const [, path = ''] of asked) await stat(join(app, 'servers', path));
    }
  });

  it('include a list of what was bundled, and of nothing else', async () => {
    const text = await readFile(join(folder, 'files/app/sbom.cdx.json'), 'utf8');
    const { components } = bomSchema.parse(JSON.parse(text));
    const names = new Set(components.map(({ group, name }) => (group === undefined ? name : `${group}/${name}`)));
    for (const name of ['zod', 'pg', 'jira.js', '@slack/web-api', 'jose', 'prom-client', '@opentelemetry/sdk-trace'])
      expect(names).toContain(name);
    // Of the editor, of the tests, and what stands for a package while bundling.
    for (const name of ['lit', '@observablehq/plot', 'vitest', 'esbuild', 'typescript'])
      expect(names).not.toContain(name);
    expect([...names].filter((name) => name.includes('VirtualComponent'))).toEqual([]);
    expect(components.filter(({ type, version }) => type === 'library' && version === undefined)).toEqual([]);
    expect(components.find(({ name }) => name === 'node')).toMatchObject({
      type: 'file',
      version: process.versions.node,
    });
    expect(text).not.toContain(process.cwd());
  });
});

describe('what is recorded of the image', () => {
  const built = {
    tag: 'registry.example/switchboard:1',
    imageId: 'a'.repeat(64),
    files: [{ name: 'usr/bin/node', sha256: 'b'.repeat(64) }],
    inputs: [{ name: 'package-lock.json', sha256: 'c'.repeat(64) }],
    repository: 'https://github.com/switchboard-dev/switchboard.git',
    commit: `${'d'.repeat(40)}-dirty`,
    startedOn: new Date(0),
    finishedOn: new Date(1000),
  };

  it('says from what it was made, and what came out', () => {
    expect(JSON.parse(createStatement(built))).toMatchObject({
      _type: 'https://in-toto.io/Statement/v1',
      subject: [
        { name: built.tag, digest: { sha256: built.imageId } },
        { name: 'usr/bin/node', digest: { sha256: 'b'.repeat(64) } },
      ],
      predicateType: 'https://slsa.dev/provenance/v1',
      predicate: {
        buildDefinition: {
          resolvedDependencies: [
            { digest: { gitCommit: 'd'.repeat(40) }, annotations: { commit: built.commit } },
            { name: 'package-lock.json', digest: { sha256: 'c'.repeat(64) } },
          ],
        },
      },
    });
  });

  it.each([
    ['Ed25519', () => generateKeyPairSync('ed25519'), null],
    ['ECDSA', () => generateKeyPairSync('ec', { namedCurve: 'P-256' }), 'sha256'],
  ] as const)('is signed with a key of %s, and no longer fits when a byte is another', (_, generate, algorithm) => {
    const { privateKey, publicKey } = generate();
    const key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    const { payload, payloadType, signatures } = envelopeSchema.parse(
      JSON.parse(signStatement(createStatement(built), key)),
    );
    const bytes = Buffer.from(payload, 'base64');
    const signature = Buffer.from(signatures[0]?.sig ?? '', 'base64');
    expect(bytes.toString('utf8')).toBe(createStatement(built));
    expect(verify(algorithm, preAuthentication(payloadType, bytes), publicKey, signature)).toBe(true);
    bytes[bytes.length - 10] = 0;
    expect(verify(algorithm, preAuthentication(payloadType, bytes), publicKey, signature)).toBe(false);
  });
});
