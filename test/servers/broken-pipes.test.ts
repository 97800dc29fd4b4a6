import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { distFolder } from '../stack/command-line.ts';
import { ourServers } from './our-servers.ts';

let stateFolder: string;
beforeEach(async () => {
  stateFolder = await mkdtemp(join(tmpdir(), 'broken-pipes-'));
});
afterEach(() => rm(stateFolder, { recursive: true, force: true }));

const frame = (message: object): string => `${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`;

// Nobody listens at the port that their settings name: every call fails, and is logged.
describe.each(Object.entries(ourServers))('the %s server', (name, { settings }) => {
  it.each(['stderr', 'stdout'] as const)(
    'ends when whoever read its %s is gone, instead of running on for ever',
    async (pipe) => {
      const child = spawn(process.execPath, [join(distFolder, 'servers', `${name}.cjs`)], {
        env: {
          PATH: process.env['PATH'],
          SWITCHBOARD_STATE_DIR: stateFolder,
          SWITCHBOARD_LOG: 'debug',
          ...settings,
        },
        stdio: 'pipe',
      });
      const ended = new Promise<string>((resolve) => {
        child.once('exit', (code, signal) => resolve(`${code ?? signal}`));
      });
      child.stdin.on('error', () => undefined); // it may be gone before we have written all
      child.stdout.resume();
      child.stderr.resume();
      const clientInfo = { name: 'test', version: '1' };
      child.stdin.write(
        frame({ id: 1, method: 'initialize', params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo } }),
      );
      await new Promise((resolve) => child.stdout.once('data', resolve));
      child[pipe].destroy();
      // Each answer and each line of the log meets the broken pipe.
      for (let id = 2; id < 6; id += 1)
        child.stdin.write(frame({ id, method: 'tools/call', params: { name: 'no_such_tool' } }));
      expect(await ended).toBe('0');
    },
  );
});
