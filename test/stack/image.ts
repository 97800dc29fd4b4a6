// npm run image [-- --tag NAME]: the image of the servers, by buildah, with no registry and no daemon.
// With --files FOLDER: only the files that go into it, for the Containerfile.
import { execFileSync, spawnSync } from 'node:child_process';
import { chmod, copyFile, mkdir, mkdtemp, readdir, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

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

/** Node, the libraries that it is linked with, certificates, and the bundles. @param folder must not exist yet. */
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
  for (const library of librariesOf(node)) await put(await realpath(library), library, 0o755);
  for (const [name, content] of Object.entries(systemFiles)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), content, { mode: 0o644 });
  }
  for (const name of await inside()) await put(join(bundles, name), join('app', name), 0o644);
  for (const mount of ['proc', 'sys', 'dev', 'tmp']) await mkdir(join(folder, mount));
  await chmod(join(folder, 'tmp'), 0o1777);
}

/** As the dynamic linker says: `libm.so.6 => /lib/x86_64-linux-gnu/libm.so.6 (0x...)`, and the linker itself. */
function librariesOf(program: string): readonly string[] {
  const lines = execFileSync('ldd', [program], { encoding: 'utf8' });
  return [...lines.matchAll(/(?:^|\s)(\/\S+) \(0x/gu)].map(([, path = '']) => path);
}

async function inside(): Promise<readonly string[]> {
  const all = await readdir(bundles, { recursive: true });
  return all.filter((name) => /\.(?:cjs|wasm|md)$/u.test(name) && !notInside.includes(basename(name))).toSorted();
}

/** Where images are kept, if not where buildah keeps them: tests have a place of their own. */
export interface Store {
  readonly root: string;
  readonly runroot: string;
}

/** Builds what the Containerfile says; its stage `files` is what is gathered here. */
export async function buildImage(tag: string, store?: Store): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'switchboard-image-'));
  try {
    await gatherFiles(join(folder, 'files'));
    // Nothing but the files is needed: the folder of the build is empty.
    await mkdir(join(folder, 'empty'));
    const containerfile = join(root, 'servers/deploy/Containerfile');
    const words = ['bud', '--isolation', 'chroot', '--build-context', `files=${join(folder, 'files')}`];
    const where = store === undefined ? [] : ['--root', store.root, '--runroot', store.runroot];
    execFileSync('buildah', [...where, ...words, '-f', containerfile, '-t', tag, join(folder, 'empty')], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { tag: { type: 'string' }, files: { type: 'string' } } });
  if (values.files !== undefined) await gatherFiles(values.files);
  else if (spawnSync('buildah', ['--version']).status !== 0) {
    console.error('buildah is missing: apt-get install buildah runc. With Docker: see servers/deploy/Containerfile.');
    process.exitCode = 1;
  } else {
    const tag = values.tag ?? 'switchboard:latest';
    await buildImage(tag);
    console.log(`${tag} is built. Run it as servers/deploy/README.md says.`);
  }
}
