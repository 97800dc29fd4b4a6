import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Arguments, CallOptions, ToolOutcome } from '../../../src/agent/tools.ts';
import { createPlainWorkspace } from '../../../src/workspace/plain-workspace.ts';
import { createWorkspaceSource } from '../../../src/workspace/workspace-source.ts';
import type { Workspace } from '../../../src/workspace/workspace.ts';

/** A text in files that no tool may show. */
export const secret = 'outside-the-workspace-9f2c';

/** A repository of two commits, with links out of it, ignored files and credentials. */
export class ShopRepository {
  readonly home: string;
  readonly folder: string;
  readonly workspace: Workspace;

  private constructor(home: string) {
    this.home = home;
    this.folder = join(home, 'shop');
    this.workspace = createPlainWorkspace(this.folder);
  }

  static async create(): Promise<ShopRepository> {
    const shop = new ShopRepository(await mkdtemp(join(tmpdir(), 'switchboard-workspace-')));
    const { folder } = shop;
    const put = (path: string, content: string): Promise<void> => shop.put(path, content);
    await put('../outside.txt', secret);
    await put('../shop-other/notes.txt', secret);
    await put('src/orders.ts', 'export const timeoutMs = 3000;\nthrow new Error("PAYMENT_TIMEOUT");\n');
    await put('src/blank.ts', '');
    await put('src/windows.ts', 'one\r\ntwo\r\n');
    await put('src/long.ts', `${'x'.repeat(5000)}\n${'y\n'.repeat(900)}`);
    await put('README.md', 'PAYMENT_TIMEOUT is raised when the provider is slow\n');
    await put('image.bin', 'PAYMENT_TIMEOUT\0binary');
    await put('.env', `DB_PASSWORD=${secret}\n`);
    await put('.env.example', 'DB_PASSWORD=\n');
    await put('keys/server.PEM', secret);
    await put('.gitignore', 'build/\n*.log\n!keep.log\n');
    await put('build/orders.js', 'PAYMENT_TIMEOUT');
    await put('debug.log', 'PAYMENT_TIMEOUT');
    await put('keep.log', 'PAYMENT_TIMEOUT kept');
    await put('packages/api/.gitignore', 'generated.ts\n');
    await put('packages/api/generated.ts', 'PAYMENT_TIMEOUT');
    await put('packages/api/server.ts', 'PAYMENT_TIMEOUT');
    await put('node_modules/library/index.js', 'PAYMENT_TIMEOUT');
    await symlink('../outside.txt', join(folder, 'link.txt'));
    await symlink('.env', join(folder, 'innocent.txt'));
    await symlink('..', join(folder, 'up'));
    await symlink('loop', join(folder, 'loop'));
    shop.git('init', '-q', '-b', 'main');
    shop.#commit('2026-11-01T10:00:00Z', 'Orders service');
    await put('src/orders.ts', 'export const timeoutMs = 30;\nthrow new Error("PAYMENT_TIMEOUT");\n');
    shop.#commit('2026-11-02T10:00:00Z', 'Deploy: shorter payment timeout');
    return shop;
  }

  async put(path: string, content: string): Promise<void> {
    const absolute = join(this.folder, path);
    await mkdir(dirname(absolute), { recursive: true });
    await writeFile(absolute, content);
  }

  git(...arguments_: string[]): void {
    execFileSync('git', arguments_, { cwd: this.folder, stdio: 'pipe' });
  }

  remove(): Promise<void> {
    return rm(this.home, { recursive: true, force: true });
  }

  call(name: string, input: Arguments, options: Partial<CallOptions> = {}, of = this.workspace): Promise<ToolOutcome> {
    return createWorkspaceSource(of).call(name, input, {
      signal: AbortSignal.timeout(120_000),
      run: { session: 's', run: 'r', actor: 'test' },
      ...options,
    });
  }

  /** A call that must succeed. */
  async result(name: string, input: Arguments, of = this.workspace) {
    const outcome = await this.call(name, input, {}, of);
    if (outcome.kind !== 'result') throw new Error(outcome.text);
    return { text: outcome.text, structured: outcome.structured ?? {} };
  }

  /** A call that must fail. */
  async failure(name: string, input: Arguments, of = this.workspace) {
    const outcome = await this.call(name, input, {}, of);
    if (outcome.kind !== 'failure') throw new Error(`expected a failure, got ${outcome.text}`);
    return outcome.failure;
  }

  #commit(date: string, message: string): void {
    const author = ['-c', 'user.name=Ada', '-c', 'user.email=ada@shop.test'];
    this.git('add', '-f', '.env', '.');
    execFileSync('git', [...author, 'commit', '-q', '-m', message], {
      cwd: this.folder,
      env: { ...process.env, GIT_AUTHOR_DATE: date, GIT_COMMITTER_DATE: date },
    });
  }
}
