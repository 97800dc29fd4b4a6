import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { descendants } from './window/processes.ts';
import { eventually } from './window/patience.ts';
import { browser } from './window/scene.ts';
import { Workbench } from './window/workbench.ts';

const script = fileURLToPath(new URL('../stack/start.ts', import.meta.url));

let start: ChildProcess;
let output = '';

beforeAll(async () => {
  const { ANTHROPIC_API_KEY: _key, ...environment } = process.env;
  start = spawn(process.execPath, [script], { env: environment, stdio: ['ignore', 'pipe', 'inherit'] });
  start.stdout?.on('data', (data: Buffer) => (output += data.toString()));
});

afterAll(async () => {
  if (start?.exitCode === null) start.kill('SIGKILL');
});

it('opens a VS Code where an investigation works without configuration, and stops completely', async () => {
  await eventually(() => output).toContain('Ctrl-C stops everything.');
  const url = new URL(/VS Code {4}(\S+)/u.exec(output)?.[1] ?? '');
  const window = await Workbench.open(await browser(), url.origin, url.searchParams.get('folder') ?? '');
  await window.run('Switchboard: Investigate Failed Orders');
  await window.approve.waitFor();
  await window.close();
  const processes = descendants(start.pid!).map(({ pid }) => pid);
  expect(processes.length).toBeGreaterThan(5);
  start.kill('SIGINT');
  await once(start, 'exit');
  expect(start.exitCode).toBe(0);
  const alive = (): number[] => processes.filter((pid) => descendants(pid).length > 0);
  await eventually(alive).toEqual([]);
});

it('is gone when what started it was killed', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'switchboard-killed-'));
  const module = new URL('window/code-server.ts', import.meta.url).href;
  const options = {
    userData: join(folder, 'user'),
    extensions: join(folder, 'extensions'),
    settings: {},
    machineSettings: {},
  };
  const code = `import { startCodeServer } from '${module}';
    console.log((await startCodeServer(${JSON.stringify(options)})).pid);`;
  const owner = spawn(process.execPath, ['--input-type=module', '--eval', code], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  owner.stdout.on('data', (data: Buffer) => (said += data.toString()));
  await eventually(() => said).toMatch(/^\d+\n$/u);
  const pid = Number(said);
  const processes = descendants(pid).map((each) => each.pid);
  expect(processes).toContain(pid);
  owner.kill('SIGKILL');
  await eventually(() => processes.filter((each) => descendants(each).length > 0)).toEqual([]);
  await rm(folder, { recursive: true, force: true, maxRetries: 20 });
});
