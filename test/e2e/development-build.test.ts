import { execFile, spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, matchesGlob, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { parse } from 'jsonc-parser';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';

// What F5 does: the task that its launch configuration names, and an extension host that runs what the task built.
const launchSchema = z.object({
  configurations: z.array(
    z.looseObject({
      name: z.string(),
      type: z.string(),
      args: z.array(z.string()),
      preLaunchTask: z.string().optional(),
      outFiles: z.array(z.string()).optional(),
      sourceMaps: z.boolean().optional(),
    }),
  ),
});
const tasksSchema = z.object({
  tasks: z.array(z.looseObject({ label: z.string(), script: z.string(), problemMatcher: z.unknown() })),
});
const backgroundSchema = z.object({
  background: z.object({ activeOnStart: z.boolean(), beginsPattern: z.string(), endsPattern: z.string() }),
});

const read = async (file: string): Promise<unknown> => parse(await readFile(file, 'utf8')) as unknown;
const [launch] = launchSchema.parse(await read('.vscode/launch.json')).configurations;
const task = tasksSchema
  .parse(await read('.vscode/tasks.json'))
  .tasks.find(({ label }) => label === launch?.preLaunchTask);
const { background } = backgroundSchema.parse(task?.problemMatcher);
const { scripts } = z.object({ scripts: z.record(z.string(), z.string()) }).parse(await read('package.json'));

let out: string;

/** Runs the task's own command until it says that it has built, and ends it. @returns what it printed. */
async function runTask(): Promise<string[]> {
  const [, ...command] = (scripts[task?.script ?? ''] ?? '').split(' ');
  const child = spawn(process.execPath, [...command, '--out', out], { stdio: ['ignore', 'pipe', 'inherit'] });
  const lines: string[] = [];
  const built = new RegExp(background.endsPattern);
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(line);
    if (built.test(line)) child.kill();
  }
  return lines;
}

/** Runs a script as an extension host would have it: what is asked of VS Code before its answer counts may be anything. */
async function inHost(script: string): Promise<string> {
  const file = join(out, 'host-stub.cjs');
  await writeFile(
    file,
    `const Module = require('node:module');
    const known = { prototype: Object.prototype, [Symbol.toPrimitive]: () => '' };
    const anything = new Proxy(function () {}, { get: (_, name) => known[name] ?? anything, apply: () => anything });
    const load = Module._load;
    Module._load = (name, ...rest) => (name === 'vscode' ? anything : load(name, ...rest));
    try { ${script} } catch (error) { console.log(error.stack); }`,
  );
  const { stdout } = await promisify(execFile)(process.execPath, ['--enable-source-maps', file]);
  return stdout;
}

/** Where the source says something: `src/extension.ts:12`. */
async function placeOf(file: string, text: string): Promise<string> {
  const lines = (await readFile(file, 'utf8')).split('\n');
  return `${resolve(file)}:${lines.findIndex((line) => line.includes(text)) + 1}:`;
}

describe('F5', () => {
  let printed: string[];
  beforeAll(async () => {
    out = await mkdtemp(join(tmpdir(), 'development-build-'));
    printed = await runTask();
  });
  afterAll(() => rm(out, { recursive: true, force: true }));

  it('waits for a task that says when it begins and when it has built', () => {
    expect(launch).toMatchObject({ type: 'extensionHost', sourceMaps: true });
    expect([task?.['isBackground'], background.activeOnStart]).toEqual([true, true]);
    expect(printed).toEqual(['[watch] build started', '[watch] build finished']);
    expect(printed[0]).toMatch(new RegExp(background.beginsPattern));
  });

  it('runs bundles that have source maps, where the debugger looks for them', async () => {
    const bundles = (await readdir(out, { recursive: true })).filter((file) => file.endsWith('.cjs'));
    expect(bundles).toEqual(expect.arrayContaining(['extension.cjs', 'host.cjs', 'assemble.cjs', 'servers/slack.cjs']));
    for (const bundle of bundles) {
      const path = `\${workspaceFolder}/dist/${bundle}`;
      expect(
        launch?.outFiles?.some((glob) => matchesGlob(path, glob)),
        bundle,
      ).toBe(true);
      expect(await readFile(join(out, bundle), 'utf8')).toMatch(/\n\/\/# sourceMappingURL=\S+\.map\n$/);
    }
  });

  it('names the line of the source where an error was thrown', async () => {
    const stack = await inHost(`require('./extension.cjs').activate(undefined)`);
    expect(stack).toContain(await placeOf('src/extension.ts', 'context.extension.packageJSON'));
    const later = await inHost(`require('./host.cjs').createHost({})`);
    expect(later).toContain(await placeOf('src/vscode/host-services.ts', 'context.extensionUri'));
    expect(later).toContain(await placeOf('src/vscode/host.ts', 'createBase(parts)'));
  });
});
