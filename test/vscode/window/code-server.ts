import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { startWatchdog } from '../../stack/watchdog.ts';

const version = '4.139.1';
/** For every clone on this machine, and out of the project's folder, whose files are listed whenever it is packaged. */
const cache = join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'switchboard-tests');
const installed = join(cache, `code-server-${version}`);
const root = join(installed, 'node_modules/code-server');

/** Of a hundred built-in extensions, those that the sample workspace needs. Each window would read and announce them all. */
const builtIn = new Set(
  `configuration-editing diff dotenv git git-base javascript json json-language-features log
  markdown-basics markdown-language-features media-preview search-result shellscript sql yaml
  theme-defaults theme-modern-icons theme-seti typescript-basics typescript-language-features`.split(/\s+/u),
);
/** Limits for a busy machine. */
const startLimitMs = 300_000;
const stopLimitMs = 5_000;

export interface CodeServerOptions {
  /** Settings, state and logs of this VS Code. Created if missing. */
  readonly userData: string;
  /** Folder of unpacked extensions. */
  readonly extensions: string;
  /** The user's settings. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** Settings of scope `machine`, which VS Code in a browser reads on the extensions' machine. */
  readonly machineSettings: Readonly<Record<string, unknown>>;
  /** Environment of the extension host. Of our own environment, only PATH, HOME and the like reach it. */
  readonly environment?: Readonly<Record<string, string>>;
  /** 0, the default: a free one. */
  readonly port?: number;
}

export interface CodeServer {
  readonly url: string;
  readonly pid: number;
  /** What it wrote so far. */
  readonly output: () => string;
  /** Ends it and everything it started. */
  readonly stop: () => Promise<void>;
}

/**
 * Real VS Code from npm, into the cache folder once. Not a dependency: code-server's own install script compiles native
 * modules. Of these only the one that writes log files is missed, and has a stand-in.
 */
export async function installCodeServer(): Promise<void> {
  if (!existsSync(installed)) await fetchCodeServer();
  await leaveOut();
  const place = join(root, 'lib/vscode/node_modules/@vscode/spdlog/index.js');
  const wanted = await readFile(new URL('log-files/spdlog.cjs', import.meta.url));
  if (wanted.equals(await readFile(place))) return;
  // Atomic, because another process may be reading it.
  await writeFile(`${place}.${process.pid}`, wanted);
  await rename(`${place}.${process.pid}`, place);
}

async function leaveOut(): Promise<void> {
  const folder = join(root, 'lib/vscode/extensions');
  const entries = await readdir(folder, { withFileTypes: true });
  for (const { name } of entries.filter((entry) => entry.isDirectory() && entry.name !== 'node_modules'))
    if (!builtIn.has(name)) await rm(join(folder, name), { recursive: true, force: true });
}

async function fetchCodeServer(): Promise<void> {
  const staging = `${installed}.${process.pid}`;
  await mkdir(staging, { recursive: true });
  try {
    await writeFile(join(staging, 'package.json'), '{"private":true}');
    await npmInstall(staging, [`code-server@${version}`]);
    await npmInstall(join(staging, 'node_modules/code-server/lib/vscode'), []);
    // TypeScript, for the language service.
    await npmInstall(join(staging, 'node_modules/code-server/lib/vscode/extensions'), []);
    await rename(staging, installed);
  } catch (error) {
    await rm(staging, { recursive: true, force: true });
    if (!existsSync(installed)) throw error; // otherwise another process was first
  }
}

/** The start of every command line, with a separate configuration: never the one in the home folder. */
export async function codeServerEntry(userData: string): Promise<string[]> {
  await installCodeServer();
  await mkdir(join(userData, 'User'), { recursive: true });
  const config = join(userData, 'config.yaml');
  await writeFile(config, '{}\n');
  return [join(root, 'out/node/entry.js'), '--config', config, '--user-data-dir', userData];
}

/** @throws when it does not listen, with its output. */
export async function startCodeServer(options: CodeServerOptions): Promise<CodeServer> {
  const entry = await codeServerEntry(options.userData);
  await mkdir(join(options.userData, 'Machine'), { recursive: true });
  await writeFile(join(options.userData, 'User/settings.json'), JSON.stringify(options.settings, undefined, 2));
  await writeFile(
    join(options.userData, 'Machine/settings.json'),
    JSON.stringify(options.machineSettings, undefined, 2),
  );
  const child = spawn(process.execPath, [...entry, ...commandLine(options)], {
    env: { ...inheritedEnvironment(), ...options.environment },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let written = '';
  child.stdout.on('data', (data: Buffer) => (written += data.toString()));
  child.stderr.on('data', (data: Buffer) => (written += data.toString()));
  const kill = (): void => killGroup(child);
  process.once('exit', kill);
  // A test run that is killed hears of no exit.
  const watchdog = startWatchdog('kill -s KILL -- "-$1"', String(child.pid));
  child.once('exit', () => {
    process.off('exit', kill);
    watchdog.kill('SIGKILL');
  });
  const stop = (): Promise<void> => stopGroup(child);
  try {
    const url = await listening(child, () => written);
    return { url, pid: child.pid ?? 0, output: () => written, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function commandLine(options: CodeServerOptions): string[] {
  const pairs: readonly (readonly string[])[] = [
    ['--auth', 'none'],
    ['--bind-addr', `127.0.0.1:${options.port ?? 0}`],
    ['--extensions-dir', options.extensions],
    // Never the one in the home folder, which a VS Code of the developer's may be using.
    ['--session-socket', join(options.userData, 'session.sock')],
    [
      '--disable-workspace-trust',
      '--disable-telemetry',
      '--disable-update-check',
      '--disable-getting-started-override',
    ],
  ];
  return pairs.flat();
}

function inheritedEnvironment(): Record<string, string> {
  const names = ['PATH', 'HOME', 'USER', 'LANG', 'TMPDIR', 'SHELL', 'SYSTEMROOT', 'APPDATA'];
  return Object.fromEntries(names.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])));
}

function npmInstall(folder: string, packages: readonly string[]): Promise<void> {
  const quiet = ['--ignore-scripts', '--omit=dev', '--no-audit', '--no-fund', '--loglevel=error'];
  return new Promise((resolve, reject) => {
    const npm = spawn('npm', ['install', ...quiet, ...packages], {
      cwd: folder,
      // npm checks `engines` against the Node that runs it: ours, not the machine's. Where the machine keeps npm's settings
      // (its certificates, its registry) stands in npm_config_globalconfig, which our Node would otherwise look for beside itself.
      env: { ...process.env, PATH: [dirname(process.execPath), process.env['PATH']].join(delimiter) },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let errors = '';
    npm.stderr.on('data', (data: Buffer) => (errors += data.toString()));
    npm.on('error', reject);
    npm.on('close', (code) => {
      if (code === 0) resolve();
      else reject(new Error(`npm install ${packages.join(' ')} in ${folder} failed (${code}):\n${errors}`));
    });
  });
}

function listening(child: ChildProcess, written: () => string): Promise<string> {
  return new Promise((resolve, reject) => {
    const fail = (why: string): void => reject(new Error(`VS Code did not start: ${why}\n${written()}`));
    AbortSignal.timeout(startLimitMs).addEventListener('abort', () => fail('it does not listen'));
    child.once('exit', (code) => fail(`it ended with code ${code}`));
    child.stdout?.on('data', () => {
      const address = /HTTP server listening on (http:\/\/[\d.]+:\d+)/.exec(written())?.[1];
      if (address !== undefined) resolve(address);
    });
  });
}

/** Ends what it started, too, because extension hosts would keep writing into a folder that is being removed. */
async function stopGroup(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  process.kill(-child.pid, 'SIGTERM');
  AbortSignal.timeout(stopLimitMs).addEventListener('abort', () => killGroup(child));
  await gone;
  signalGroup(child.pid, 'SIGKILL');
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

function killGroup({ pid, exitCode, signalCode }: ChildProcess): void {
  if (pid !== undefined && exitCode === null && signalCode === null) process.kill(-pid, 'SIGKILL');
}
