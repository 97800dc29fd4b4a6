import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The bundles under test. SWITCHBOARD_DIST names another build of them. */
export const distFolder = process.env['SWITCHBOARD_DIST'] ?? fileURLToPath(new URL('../../dist/', import.meta.url));

/** None of these points Switchboard at a system. The rest of our own environment is not passed on. */
const inherited = [
  'PATH',
  'HOME',
  'USER',
  'LOGNAME',
  'LANG',
  'TERM',
  'COLORTERM',
  'NO_COLOR',
  'FORCE_COLOR',
  'COLUMNS',
  'TZ',
  'TMPDIR',
  'SystemRoot',
];

export interface CliOptions {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
  readonly stdio?: StdioOptions;
}

/** Starts dist/cli.cjs in a separate process group, so that Ctrl-C reaches it only once, through us. */
export function startCli(parameters: readonly string[], options: CliOptions): ChildProcess {
  const cli = `${distFolder}cli.cjs`;
  if (!existsSync(cli)) throw new Error('dist/cli.cjs is not there: npm run build');
  const base = Object.fromEntries(inherited.map((name) => [name, process.env[name]]));
  const child = spawn(process.execPath, [cli, ...parameters], {
    env: { ...base, ...options.environment },
    cwd: options.cwd,
    stdio: options.stdio ?? ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  // Its servers end when their standard input does.
  const kill = (): void => void child.kill('SIGKILL');
  process.once('exit', kill);
  child.once('close', () => process.off('exit', kill));
  return child;
}

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Collects the output of a started command line until it exits. */
export function finished(child: ChildProcess): Promise<Finished> {
  let stdout = '';
  let stderr = '';
  child.stdout?.on('data', (part: Buffer) => (stdout += part.toString()));
  child.stderr?.on('data', (part: Buffer) => (stderr += part.toString()));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
}
