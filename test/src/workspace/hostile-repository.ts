import { execFileSync } from 'node:child_process';
import { chmod, cp, mkdir, mkdtemp, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { createPlainWorkspace } from '../../../src/workspace/plain-workspace.ts';
import { createWorkspaceSource } from '../../../src/workspace/workspace-source.ts';
import { findCodePlace } from '../../../src/workspace/git/permalink.ts';

export const canary = 'canary-outside-5b1e';

/** Programs that git starts in one way or another; each is a trap. */
const trapNames =
  'sh bash dash env perl python3 ssh gpg gpg2 gpgsm ssh-keygen less more most pager cat vi vim nano editor emacs curl ' +
  'wget xdg-open open firefox git-remote-ext git-remote-evil git-remote-https git-upload-pack git-diff git-show ' +
  'git-log git-blame git-submodule git-credential-store git-lfs diff tar sort git-status evil';

export interface Arena {
  readonly home: string;
  /** A file and a repository of the user that no result may show. */
  readonly secretFile: string;
  readonly secretRepository: string;
  readonly trap: string;
  /** A new copy of the plain repository in a separate folder. */
  readonly copy: () => Promise<string>;
  /** The results of every tool that uses git or reads files, with folder names in paths normalized. */
  readonly answers: (workspace: string, ...paths: readonly string[]) => Promise<string>;
  /** Programs that ran although they should not: traps, and children of git. */
  readonly ran: () => Promise<readonly string[]>;
  /** Git commands that ran, as a proof that the watching works. */
  readonly commands: () => Promise<number>;
  readonly end: () => Promise<void>;
}

export async function buildArena(): Promise<Arena> {
  const home = await realpath(await mkdtemp(join(tmpdir(), 'switchboard-hostile-')));
  const marks = join(home, 'marks');
  const trace = join(home, 'trace');
  const trap = join(home, 'trap');
  const traps = join(home, 'traps');
  const secretFile = join(home, 'private', 'secret.txt');
  const secretRepository = join(home, 'private', 'repository');
  const realGit = execFileSync('which', ['git']).toString().trim();
  await put(marks, '');
  await put(trace, '');
  await put(trap, `#!/bin/sh\necho "$0 $*" >> ${marks}\n`);
  await put(secretFile, `${canary}\n`);
  await put(join(traps, 'git'), `#!/bin/sh\nGIT_TRACE2_EVENT=${trace} exec ${realGit} "$@"\n`);
  await Promise.all([trap, join(traps, 'git')].map((program) => chmod(program, 0o755)));
  await Promise.all(trapNames.split(' ').map((name) => symlink(trap, join(traps, name))));
  await buildSecretRepository(secretRepository);
  const plain = join(home, 'plain', 'shop');
  await buildPlainRepository(plain, home, trap);
  const path = process.env['PATH'];
  process.env['PATH'] = [traps, path].join(delimiter);
  let copies = 0;
  return {
    home,
    secretFile,
    secretRepository,
    trap,
    copy: async () => {
      copies += 1;
      const target = join(home, `copy-${copies}`, 'shop');
      await cp(plain, target, { recursive: true, verbatimSymlinks: true });
      return target;
    },
    answers: async (workspace, ...paths) => (await ask(workspace, paths)).replaceAll(/copy-\d+|plain/gu, 'folder'),
    ran: async () => {
      const children = /"event":"(?:child_start|exec)".*/gu;
      return [...lines(await readFile(marks, 'utf8')), ...((await readFile(trace, 'utf8')).match(children) ?? [])];
    },
    commands: async () => (await readFile(trace, 'utf8')).match(/"event":"start"/gu)?.length ?? 0,
    end: async () => {
      process.env['PATH'] = path;
      await rm(home, { recursive: true, force: true });
    },
  };
}

function lines(text: string): string[] {
  return text.split('\n').filter((line) => line !== '');
}

export async function put(path: string, content: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
}

/** With the user's own git, before any trap is on the PATH. */
export function git(folder: string, ...arguments_: readonly string[]): string {
  const settings = ['-c', 'user.name=Ada', '-c', 'user.email=ada@shop.test', '-c', 'protocol.file.allow=always'];
  const env = {
    PATH: '/usr/bin:/bin',
    GIT_CONFIG_NOSYSTEM: '1',
    HOME: '/nonexistent',
    GIT_AUTHOR_DATE: '2026-11-01T10:00:00Z',
    GIT_COMMITTER_DATE: '2026-11-01T10:00:00Z',
  };
  return execFileSync('git', [...settings, ...arguments_], { cwd: folder, env, stdio: 'pipe' })
    .toString()
    .trim();
}

async function buildSecretRepository(folder: string): Promise<void> {
  await put(join(folder, 'src/orders.ts'), `token=${canary}\n`);
  git(folder, 'init', '-q', '--template=', '-b', 'main');
  git(folder, 'add', '.');
  git(folder, 'commit', '-q', '-m', `private ${canary}`);
}

async function buildPlainRepository(folder: string, home: string, trap: string): Promise<void> {
  const inner = join(home, 'inner');
  await put(join(inner, 'a.txt'), 'one\n');
  git(inner, 'init', '-q', '--template=', '-b', 'main');
  git(inner, 'add', '.');
  git(inner, 'commit', '-q', '-m', 'inner one');
  await put(join(folder, 'src/orders.ts'), 'export const timeoutMs = 3000;\nthrow new Error("token");\n');
  await put(join(folder, '.gitattributes'), '*.ts diff=evil filter=evil merge=evil\n');
  git(folder, 'init', '-q', '--template=', '-b', 'main');
  git(folder, 'submodule', '--quiet', 'add', inner, 'sub');
  git(folder, 'remote', 'add', 'origin', 'https://shop.test/acme/shop.git');
  git(folder, 'add', '.');
  git(folder, 'commit', '-q', '-m', 'Orders service');
  git(folder, 'tag', '-a', 'v1', '-m', 'first');
  await put(join(folder, 'src/orders.ts'), 'export const timeoutMs = 30;\nthrow new Error("token");\n');
  await put(join(folder, 'sub/a.txt'), 'two\n');
  git(join(folder, 'sub'), 'commit', '-q', '-a', '-m', 'inner two');
  git(folder, 'add', '.');
  git(folder, 'commit', '-q', '-m', 'Deploy: shorter timeout');
  await signLastCommit(folder);
  // The submodule has settings of its own, which git obeys where it starts `git diff` in it.
  await put(join(folder, '.git/modules/sub/config'), `[core]\n\tbare = true\n[diff]\n\texternal = ${trap}\n`);
}

/** So that a setting that checks signatures has something to check. */
async function signLastCommit(folder: string): Promise<void> {
  const text = git(folder, 'cat-file', 'commit', 'HEAD');
  const signature = 'gpgsig -----BEGIN PGP SIGNATURE-----\n \n iQEzBAABCAAdFiEE\n -----END PGP SIGNATURE-----';
  await put(join(folder, '../signed'), `${text.replace('\n\n', `\n${signature}\n\n`)}\n`);
  const id = git(folder, 'hash-object', '-t', 'commit', '-w', '../signed');
  git(folder, 'update-ref', 'refs/heads/main', id);
}

async function ask(folder: string, paths: readonly string[]): Promise<string> {
  const workspace = createPlainWorkspace(folder);
  const signal = AbortSignal.timeout(25_000);
  const source = createWorkspaceSource(workspace);
  const call = async (name: string, input: Readonly<Record<string, unknown>>) => {
    const outcome = await source.call(name, input, { signal, run: { session: 's', run: 'r', actor: 'test' } });
    const structured = outcome.kind === 'result' ? outcome.structured : undefined;
    return { name, input, kind: outcome.kind, text: outcome.text, structured };
  };
  const log = await call('get_git_history', {});
  const [last = 'ffff'] = [...log.text.matchAll(/^[0-9a-f]{7,}/gmu)].map(([commit]) => commit);
  const answers = [
    log,
    ...(await Promise.all([
      call('get_editor_context', {}),
      call('get_git_history', { path: 'src/orders.ts', start_line: 1, end_line: 2 }),
      call('get_git_history', { commit: last }),
      call('search_workspace', { query: 'token' }),
      call('read_workspace_file', { path: 'src/orders.ts' }),
    ])),
  ];
  for (const path of paths) {
    answers.push(await call('get_git_history', { path }), await call('get_git_history', { path, start_line: 1 }));
    answers.push(await call('read_workspace_file', { path }));
    answers.push(await call('get_git_history', { path, commit: last }));
  }
  const program = (await workspace.git()) ?? 'git';
  const lines = { folder, path: join(folder, 'src/orders.ts'), startLine: 1, endLine: 2 };
  const place = await findCodePlace(program, lines, signal);
  return JSON.stringify([answers, place ?? null], null, 1);
}
