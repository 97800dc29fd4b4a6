import { spawn } from 'node:child_process';
import { cp, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { devNull, tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The sample workspace: a small shop service, with a history whose last release holds the cause of the failures. */
export interface SampleWorkspace {
  readonly folder: string;
  /** Full hash of the release that lowered the payment timeout. */
  readonly commit: string;
  readonly deployedAt: Date;
  readonly remove: () => Promise<void>;
}

interface Replacement {
  readonly file: string;
  readonly before: string;
  readonly after: string;
}

interface Commit {
  readonly author: string;
  readonly message: string;
  readonly daysBeforeDeploy: number;
  /** Files added by this commit. */
  readonly adds: readonly string[];
  /** Edits that are undone in all older commits. */
  readonly changes: readonly Replacement[];
}

const source = fileURLToPath(new URL('workspace', import.meta.url));

/** Oldest first. The files in workspace/ are the state after the last one. */
const history: readonly Commit[] = [
  {
    author: 'Nadia Brandt',
    message: 'Order service: take orders, keep failed ones with their code',
    daysBeforeDeploy: 84,
    adds: [
      '.gitignore',
      'package.json',
      'tsconfig.json',
      'types/node.d.ts',
      'README.md',
      'CHANGELOG.md',
      'src/config.ts',
      'src/errors.ts',
      'src/server.ts',
      'src/orders/checkout.ts',
      'src/orders/repository.ts',
      'src/payments/gateway.ts',
    ],
    changes: [],
  },
  {
    author: 'Tomas Vidal',
    message: 'Refuse addresses that we do not deliver to',
    daysBeforeDeploy: 51,
    adds: ['src/orders/address.ts', 'deploy/production.yaml'],
    changes: [],
  },
  {
    author: 'Nadia Brandt',
    message: 'Release 2.13.0: Retry order writes on serialization failures',
    daysBeforeDeploy: 12,
    adds: ['test/gateway.test.ts'],
    changes: [
      { file: 'CHANGELOG.md', before: '', after: '## 2.13.0\n- Retry order writes on serialization failures.\n\n' },
      { file: 'package.json', before: '"2.12.1"', after: '"2.13.0"' },
      { file: 'deploy/production.yaml', before: 'release: 2.12.1', after: 'release: 2.13.0' },
    ],
  },
  {
    author: 'Tomas Vidal',
    message:
      'Release 2.14.0: Fail fast on slow payments\n\nA slow provider blocked a worker for half a minute. Give up after three seconds,\nlike every other outgoing call.',
    daysBeforeDeploy: 0,
    adds: [],
    changes: [
      { file: 'src/config.ts', before: 'timeoutMs: 30_000,', after: 'timeoutMs: 3_000,' },
      {
        file: 'CHANGELOG.md',
        before: '',
        after: '## 2.14.0\n- Fail fast on slow payments: checkout no longer blocks a worker for half a minute.\n\n',
      },
      { file: 'package.json', before: '"2.13.0"', after: '"2.14.0"' },
      { file: 'deploy/production.yaml', before: 'release: 2.13.0', after: 'release: 2.14.0' },
    ],
  },
];

/** Copies the service to a temporary folder and writes its history there. Takes tens of milliseconds; needs git. */
export async function createSampleWorkspace(deployedAt: Date): Promise<SampleWorkspace> {
  const folder = await mkdtemp(join(tmpdir(), 'switchboard-shop-orders-'));
  await cp(source, folder, { recursive: true });
  const files = await readTree(source);
  await git(folder, ['init', '--quiet', '--initial-branch=main']);
  await git(folder, ['fast-import', '--quiet'], fastImport(files, deployedAt));
  // The files exist already; only the index is missing.
  await git(folder, ['reset', '--quiet']);
  const commit = (await git(folder, ['rev-parse', 'HEAD'])).trim();
  return { folder, commit, deployedAt, remove: () => rm(folder, { recursive: true, force: true }) };
}

async function readTree(root: string): Promise<Map<string, string>> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const pairs = paths.map(
    async (path) => [relative(root, path).replaceAll('\\', '/'), await readFile(path, 'utf8')] as const,
  );
  return new Map((await Promise.all(pairs)).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The whole history as one stream, with the same hashes for the same time of deployment. */
function fastImport(files: ReadonlyMap<string, string>, deployedAt: Date): string {
  const added = history.flatMap((commit) => commit.adds);
  const missing = [...files.keys()].filter((file) => !added.includes(file));
  if (missing.length > 0) throw new Error(`No commit of the sample workspace adds ${missing.join(', ')}.`);
  return history
    .map((commit, index) => {
      const seconds = Math.floor(deployedAt.getTime() / 1000) - commit.daysBeforeDeploy * 86_400 - 1200;
      const email = `${commit.author.split(' ')[0]?.toLowerCase()}@shop.example`;
      const tree = treeAfter(index, files);
      return [
        'commit refs/heads/main',
        `committer ${commit.author} <${email}> ${seconds} +0000`,
        data(`${commit.message}\n`),
        ...[...tree].map(([path, text]) => `M 100644 inline ${path}\n${data(text)}`),
      ].join('\n');
    })
    .join('\n');
}

function treeAfter(index: number, files: ReadonlyMap<string, string>): Map<string, string> {
  const present = history.slice(0, index + 1).flatMap((commit) => commit.adds);
  const later = history.slice(index + 1).flatMap((commit) => commit.changes);
  return new Map(present.map((path) => [path, rewind(path, files, later)]));
}

function rewind(path: string, files: ReadonlyMap<string, string>, later: readonly Replacement[]): string {
  let text = files.get(path) ?? '';
  for (const change of later.filter((each) => each.file === path).reverse()) {
    if (text.split(change.after).length !== 2)
      throw new Error(`The sample workspace's ${path} must hold this exactly once: ${change.after}`);
    text = text.replace(change.after, () => change.before);
  }
  return text;
}

function data(text: string): string {
  return `data ${Buffer.byteLength(text)}\n${text}`;
}

/** Plain git: no user configuration, hooks or signing keys. */
function git(folder: string, parameters: readonly string[], input = ''): Promise<string> {
  const environment = { PATH: process.env['PATH'], GIT_CONFIG_GLOBAL: devNull, GIT_CONFIG_SYSTEM: devNull };
  return new Promise((resolve, reject) => {
    const child = spawn('git', ['-C', folder, ...parameters], { env: environment, stdio: ['pipe', 'pipe', 'pipe'] });
    let output = '';
    let complaint = '';
    child.stdout.on('data', (part: Buffer) => (output += part.toString()));
    child.stderr.on('data', (part: Buffer) => (complaint += part.toString()));
    child.on('error', (error) => reject(new Error('The sample workspace needs git.', { cause: error })));
    child.on('close', (code) =>
      code === 0 ? resolve(output) : reject(new Error(`git ${parameters.join(' ')} failed: ${complaint}`)),
    );
    child.stdin.on('error', () => complaint);
    child.stdin.end(input);
  });
}
