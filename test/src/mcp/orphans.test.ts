import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createChildRegister, endOrphans } from '../../../src/mcp/orphans.ts';
import { isAlive, misbehaving, never, openHub, until } from './fixtures/servers.ts';

const host = fileURLToPath(new URL('fixtures/crashing-host.ts', import.meta.url));

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'switchboard-orphans-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A host with a server that ignores the end of stdin, and a child of that server. */
async function startHost() {
  const { spec, trace } = misbehaving(['ignore-eof', 'grandchild']);
  const folder = newFolder();
  const child = spawn(process.execPath, [host, folder, spec.env['FIXTURE_TRACE'] ?? '', ...spec.args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const server = await new Promise<number>((resolve) => {
    child.stdout.once('data', (line: Buffer) => resolve(Number(line.toString())));
  });
  const grandchild = Number(/grandchild (\d+)/.exec(trace().join('\n'))?.[1]);
  return { folder, child, server, grandchild };
}

describe.skipIf(process.platform === 'win32')('what a crashed host left behind', () => {
  it('is ended by the next host, with everything it started, and forgotten', async () => {
    const { folder, child, server, grandchild } = await startHost();
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect([server, grandchild].map(isAlive)).toEqual([true, true]);
    expect(new Set(await endOrphans(folder))).toEqual(new Set([server, grandchild]));
    await until(() => ![server, grandchild].some(isAlive));
    expect(readdirSync(folder)).toEqual([]);
  });

  it('is left alone while its host is alive', async () => {
    const { folder, server, grandchild, child } = await startHost();
    expect(await endOrphans(folder)).toEqual([]);
    expect([server, grandchild].map(isAlive)).toEqual([true, true]);
    expect(readdirSync(folder)).toHaveLength(1);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(await endOrphans(folder)).toHaveLength(2);
  });

  it('is never confused with another process that now has its id', async () => {
    const folder = newFolder();
    const foreign = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { detached: true });
    onTestFinished(() => void foreign.kill('SIGKILL'));
    await once(foreign, 'spawn');
    createChildRegister(folder, (error) => {
      throw error;
    })
      .mark()
      .started(foreign.pid ?? 0);
    const [name = ''] = readdirSync(folder);
    const file = join(folder, name);
    writeFileSync(file, readFileSync(file, 'utf8').replace(/"started":"[^"]*"/, '"started":"another"'));
    expect(await endOrphans(folder)).toEqual([]);
    expect(isAlive(foreign.pid ?? 0)).toBe(true);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('is nothing if every server was ended properly', async () => {
    const folder = newFolder();
    const report = (error: unknown) => {
      throw error;
    };
    const hub = openHub([misbehaving().spec], { register: createChildRegister(folder, report) });
    await hub.list(never);
    expect(readdirSync(folder)).toHaveLength(1);
    await hub.dispose();
    expect(readdirSync(folder)).toEqual([]);
    expect(await endOrphans(join(folder, 'not-there'))).toEqual([]);
  });

  it('is read only from our own files', async () => {
    const folder = newFolder();
    writeFileSync(join(folder, 'notes.json'), '{"pid": 1}');
    writeFileSync(join(folder, 'broken.json'), '{');
    expect(await endOrphans(folder)).toEqual([]);
    expect(readdirSync(folder)).toHaveLength(2);
  });
});
