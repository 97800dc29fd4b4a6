import { execFile } from 'node:child_process';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const execute = promisify(execFile);
const root = fileURLToPath(new URL('../..', import.meta.url));
const bin = (name: string): string => join(root, 'node_modules/.bin', name);
let copy: string;

/** In the copy. @throws with all that it printed if it fails. */
async function run(command: string, ...words: readonly string[]): Promise<string> {
  const path = `${join(root, 'node_modules/.bin')}:${process.env['PATH'] ?? ''}`;
  const running = execute(command, words, { cwd: copy, env: { ...process.env, PATH: path }, maxBuffer: 64 << 20 });
  const { stdout } = await running.catch((error: unknown) => {
    const printed = error instanceof Error && 'stdout' in error ? `${String(error.stdout)}\n` : '';
    throw new Error(`${command} ${words.join(' ')}\n${printed}${String(error)}`, { cause: error });
  });
  return stdout;
}

const vitest = (project: string, ...files: readonly string[]): Promise<string> =>
  run(bin('vitest'), 'run', '--config', 'test/vitest.config.ts', '--project', project, ...files);

beforeAll(async () => {
  copy = await mkdtemp(join(tmpdir(), 'switchboard-new-server-'));
  const listed = await execute('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { cwd: root });
  const files = listed.stdout.split('\n').filter((file) => file !== '');
  await execute('cp', ['--parents', '--target-directory', copy, ...files], { cwd: root });
  await symlink(join(root, 'node_modules'), join(copy, 'node_modules'));
  await run('git', 'init', '--quiet');
  await writeFile(join(copy, '.git/info/exclude'), 'node_modules\ndist\n');
  await run(process.execPath, 'test/stack/new-server/new-server.ts', 'statuspage', 'Status Page');
  await run('git', 'add', '--all');
}, 240_000);
afterAll(() => rm(copy, { recursive: true, force: true }));

describe('a server that npm run new:server wrote', () => {
  it('compiles, is formatted, and leaves nothing unused', { timeout: 900_000 }, async () => {
    await run(bin('tsc'));
    await run(bin('oxlint'), '--type-aware', '--deny-warnings');
    await run(bin('oxfmt'), '--check');
    await run(bin('knip'));
  });

  it('keeps to the wall, the documents, and the rules of the project', { timeout: 900_000 }, async () => {
    const rules = [
      'imports',
      'docs',
      'project',
      'new-server',
      'src/l10n',
      'src/vscode',
      'src/agent/undo',
      'src/mcp/server-specs',
    ];
    await vitest('unit', ...rules.map((name) => `test/${name}`), 'test/servers/contract/tool-facts.test.ts');
    await vitest('servers', 'test/servers/deploy/chart');
  });

  it('passes its own tests, and those of all servers', { timeout: 900_000 }, async () => {
    await run(process.execPath, 'esbuild.mjs');
    await vitest(
      'servers',
      'test/servers/statuspage',
      'test/servers/catalogue.test.ts',
      'test/mcp/real-servers.test.ts',
    );
  });

  it('is checked and served by the command line', { timeout: 120_000 }, async () => {
    const doctor = `
      import { execFile } from 'node:child_process';
      import { startStatuspage } from './test/stack/statuspage/index.ts';
      const system = await startStatuspage();
      const env = { PATH: process.env.PATH, HOME: '${copy}', STATUSPAGE_URL: system.url, STATUSPAGE_TOKEN: system.token };
      execFile(process.execPath, ['dist/cli.cjs', 'doctor'], { env }, async (_, printed) => {
        await system.stop();
        console.log(printed);
      });`;
    expect(await run(process.execPath, '--input-type=module', '--eval', doctor)).toMatch(/^ok\s+Status Page/m);
    expect(await run(process.execPath, 'dist/cli.cjs', 'serve', '--help')).toContain('statuspage');
  });

  it('is set up in VS Code', { timeout: 900_000 }, async () => {
    await run('cp', 'test/stack/new-server/tried/set-up.test.ts.txt', 'test/vscode/new-server.test.ts');
    await vitest('vscode', 'test/vscode/new-server.test.ts');
  });

  it('is refused a second time', async () => {
    const again = run(process.execPath, 'test/stack/new-server/new-server.ts', 'statuspage', 'Status Page');
    await expect(again).rejects.toThrow("There is a server 'statuspage' already.");
    expect(dirname(copy)).toBe(tmpdir());
  });
});
