// npm test: the checks, and beside them the build and every test that needs one. These wait on processes of their own more
// than they compute, so that the checks find room between them.
import { spawn, type ChildProcess } from 'node:child_process';

const vitest = ['npx', 'vitest', 'run', '--config', 'test/vitest.config.ts'];
const built = ['servers', 'e2e', 'vscode'].flatMap((name) => ['--project', name]);

/** The compiler and the linter's type checker are Go: each thread checks much of the same, and memory is cheap. */
const thriftyGo = { GOMAXPROCS: '1', GOGC: '400' };

/** Resolves with the exit code; what ends in another way has failed. */
function run(
  words: readonly string[],
  output: 'shown' | 'kept',
  environment: NodeJS.ProcessEnv = {},
): Promise<{ code: number; text: string }> {
  const [command = '', ...parameters] = words;
  const env = { ...process.env, ...environment };
  const child = spawn(command, parameters, { env, stdio: output === 'shown' ? 'inherit' : ['ignore', 'pipe', 'pipe'] });
  running.add(child);
  const kept: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => kept.push(chunk));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      running.delete(child);
      resolve({ code: code ?? 1, text: Buffer.concat(kept).toString() });
    });
  });
}

const running = new Set<ChildProcess>();
let failed = false;

/** The first that fails ends the other: nobody waits minutes for the tests to hear of a wrong type. */
function fail(): void {
  failed = true;
  for (const child of running) child.kill('SIGINT');
}

async function checks(): Promise<string> {
  const { code, text } = await run(['npm', 'run', '--silent', 'check'], 'kept', thriftyGo);
  if (code !== 0 && !failed) fail();
  return `${code === 0 ? 'The checks passed' : 'The checks FAILED'}:\n${text}`;
}

async function tests(): Promise<void> {
  for (const words of [
    ['node', 'esbuild.mjs'],
    [...vitest, ...built],
  ]) {
    if (failed) return;
    const { code } = await run(words, 'shown');
    if (code !== 0 && !failed) fail();
  }
}

const [said] = await Promise.all([checks(), tests()]);
console.log(said);
process.exitCode = failed ? 1 : 0;
