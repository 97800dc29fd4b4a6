// npm run image [-- --tag NAME] [--record FOLDER] [--key FILE]: the image of the servers, by buildah, with no registry
// and no daemon, and beside it, in dist/image unless a folder is given, what it holds and what it was made from.
// With --files FOLDER: only the files that go into it, for the Containerfile.
import { execFileSync, spawnSync } from 'node:child_process';
import { chmod, copyFile, mkdir, mkdtemp, readdir, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative } from 'node:path';
import { rootCertificates } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import * as z from 'zod';
import { createStatement, signStatement, type Digested } from './image-record/provenance.ts';
import { createSbom, sha256Of, type SystemFile } from './image-record/sbom.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const bundles = join(root, 'dist');

/** Bundles of the editor, which a server has no use for. */
const notInside = ['extension.cjs', 'host.cjs', 'assemble.cjs'];

/** Name and content of the few files of a system that Node and the C library look for. */
const systemFiles: Readonly<Record<string, string>> = {
  'etc/passwd': 'switchboard:x:65532:65532::/tmp:/nonexistent\n',
  'etc/group': 'switchboard:x:65532:\n',
  'etc/nsswitch.conf': 'hosts: files dns\n',
  'etc/ssl/certs/ca-certificates.crt': `${rootCertificates.join('\n')}\n`,
};

const sbomName = 'app/sbom.cdx.json';

/**
 * Node, the libraries that it is linked with, certificates, the bundles, and the list of what these hold.
 * @param folder must not exist yet.
 */
export async function gatherFiles(folder: string): Promise<void> {
  const node = await realpath(process.execPath);
  const put = async (from: string, to: string, mode: number): Promise<string> => {
    const target = join(folder, to);
    await mkdir(dirname(target), { recursive: true });
    await copyFile(from, target);
    await chmod(target, mode);
    return target;
  };
  const program = await put(node, 'usr/bin/node', 0o755);
  // Symbols are an eighth of it. Without strip, the image is larger and works as well.
  spawnSync('strip', [program], { stdio: 'ignore' });
  const system: SystemFile[] = [{ name: 'usr/bin/node', version: process.versions.node, sha256: await sha256Of(node) }];
  for (const library of librariesOf(node)) {
    const from = await realpath(library);
    await put(from, library, 0o755);
    system.push({ name: library, version: undefined, sha256: await sha256Of(from) });
  }
  for (const [name, content] of Object.entries(systemFiles)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), content, { mode: 0o644 });
  }
  const names = await inside();
  for (const name of names) await put(join(bundles, name), join('app', name), 0o644);
  await writeFile(join(folder, sbomName), await createSbom({ bundles, names, system, root }), { mode: 0o644 });
  for (const mount of ['proc', 'sys', 'dev', 'tmp']) await mkdir(join(folder, mount));
  await chmod(join(folder, 'tmp'), 0o1777);
}

/** As the dynamic linker says: `libm.so.6 => /lib/x86_64-linux-gnu/libm.so.6 (0x...)`, and the linker itself. */
function librariesOf(program: string): readonly string[] {
  const lines = execFileSync('ldd', [program], { encoding: 'utf8' });
  return [...lines.matchAll(/(?:^|\s)(\/\S+) \(0x/gu)].map(([, path = '']) => path);
}

async function inside(): Promise<readonly string[]> {
  // The packages for npm have copies of the bundles.
  const all = (await readdir(bundles, { recursive: true })).filter((name) => !/^packages(?:$|[\\/])/u.test(name));
  return all.filter((name) => /\.(?:cjs|wasm|md)$/u.test(name) && !notInside.includes(basename(name))).toSorted();
}

/** Where images are kept, if not where buildah keeps them: tests have a place of their own. */
export interface Store {
  readonly root: string;
  readonly runroot: string;
}

interface Recorded {
  readonly sbom: string;
  readonly provenance: string;
}

/** Builds what the Containerfile says; its stage `files` is what is gathered here. @returns what is recorded of it. */
export async function buildImage(tag: string, store?: Store): Promise<Recorded> {
  const startedOn = new Date();
  const folder = await mkdtemp(join(tmpdir(), 'switchboard-image-'));
  try {
    await gatherFiles(join(folder, 'files'));
    // Nothing but the files is needed: the folder of the build is empty.
    await mkdir(join(folder, 'empty'));
    const containerfile = join(root, 'servers/deploy/Containerfile');
    const words = ['bud', '--isolation', 'chroot', '--build-context', `files=${join(folder, 'files')}`];
    const where = store === undefined ? [] : ['--root', store.root, '--runroot', store.runroot];
    execFileSync(
      'buildah',
      [...where, ...words, '-f', containerfile, '--iidfile', join(folder, 'id'), '-t', tag, join(folder, 'empty')],
      {
        stdio: ['ignore', 'ignore', 'inherit'],
      },
    );
    const files = join(folder, 'files');
    const imageId = (await readFile(join(folder, 'id'), 'utf8')).trim().replace(/^sha256:/u, '');
    const provenance = createStatement({
      tag,
      imageId,
      files: await digestsOf(files),
      inputs: await digestsIn(root, [
        'package.json',
        'package-lock.json',
        'esbuild.mjs',
        'servers/deploy/Containerfile',
      ]),
      ...(await sourceOf()),
      startedOn,
      finishedOn: new Date(),
    });
    return { sbom: await readFile(join(files, sbomName), 'utf8'), provenance };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function digestsOf(folder: string): Promise<readonly Digested[]> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true });
  const names = found.filter((each) => each.isFile()).map((each) => relative(folder, join(each.parentPath, each.name)));
  return digestsIn(folder, names.toSorted());
}

function digestsIn(folder: string, names: readonly string[]): Promise<readonly Digested[]> {
  return Promise.all(names.map(async (name) => ({ name, sha256: await sha256Of(join(folder, name)) })));
}

async function sourceOf(): Promise<{ repository: string; commit: string }> {
  const git = (...words: string[]): string => execFileSync('git', words, { cwd: root, encoding: 'utf8' }).trim();
  const { repository } = manifestSchema.parse(JSON.parse(await readFile(join(root, 'package.json'), 'utf8')));
  const isDirty = git('status', '--porcelain', '--untracked-files=no') !== '';
  return { repository: repository.url, commit: `${git('rev-parse', 'HEAD')}${isDirty ? '-dirty' : ''}` };
}

const manifestSchema = z.object({ repository: z.object({ url: z.string() }) });

async function keep({ sbom, provenance }: Recorded, folder: string, key: string | undefined): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'sbom.cdx.json'), sbom);
  const signed = key === undefined ? undefined : signStatement(provenance, await readFile(key, 'utf8'));
  await writeFile(
    join(folder, signed === undefined ? 'provenance.json' : 'provenance.dsse.json'),
    signed ?? provenance,
  );
}

if (import.meta.main) {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({ options: { tag: text, files: text, record: text, key: text } });
  if (values.files !== undefined) await gatherFiles(values.files);
  else if (spawnSync('buildah', ['--version']).status !== 0) {
    console.error('buildah is missing: apt-get install buildah runc. With Docker: see servers/deploy/Containerfile.');
    process.exitCode = 1;
  } else {
    const tag = values.tag ?? 'switchboard:latest';
    const folder = values.record ?? join(bundles, 'image');
    await keep(await buildImage(tag), folder, values.key);
    console.log(
      `${tag} is built. What it holds and was made from is in ${folder}. Run it as servers/deploy/README.md says.`,
    );
  }
}
