import type * as fileSystem from 'node:fs';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import type { AuditBody } from '../../../servers/contract/audit/record.ts';
import { createAuditWriter } from '../../../servers/contract/audit/writer.ts';

const disk = vi.hoisted(() => ({ opened: new Map<number, string>(), synced: new Array<string>() }));

vi.mock('node:fs', async (original) => {
  const fs = await original<typeof fileSystem>();
  const openSync = (path: string, flags: string, mode?: number): number => {
    const file = fs.openSync(path, flags, mode);
    disk.opened.set(file, path);
    return file;
  };
  const fsyncSync = (file: number): void => {
    fs.fsyncSync(file);
    disk.synced.push(disk.opened.get(file) ?? '');
  };
  return { ...fs, openSync, fsyncSync };
});

function record(): AuditBody {
  return { time: '2026-11-22T09:00:00.000Z', phase: 'intent', writer: 'jira', callId: 'x'.repeat(200) };
}

it.skipIf(process.platform === 'win32')('the name of a new log is on disk with its first durable record', () => {
  const state = mkdtempSync(join(tmpdir(), 'switchboard-audit-'));
  onTestFinished(() => rmSync(state, { recursive: true, force: true }));
  const writer = createAuditWriter({ stateFolder: state, writer: 'jira', maxBytes: 1000, report: () => undefined });
  onTestFinished(writer.close);
  const synced = (): string[] => disk.synced.splice(0).map((path) => basename(path));
  const all = ['audit', 'audit-heads', basename(state)];
  writer.append(record, false);
  expect(synced()).toEqual([]);
  writer.append(record, true);
  expect(synced()).toEqual(all);
  writer.append(record, true);
  expect(synced()).toEqual([]);
  // The next file, which the size limit makes.
  writer.append(record, true);
  writer.append(record, true);
  expect(synced()).toEqual(all);
});
