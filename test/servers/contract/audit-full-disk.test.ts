import type * as fileSystem from 'node:fs';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { AuditBody } from '../../../servers/contract/audit/record.ts';
import { readAudit, verifyAudit } from '../../../servers/contract/audit/verify.ts';
import { createAuditWriter, gatherMs, type AuditWriter } from '../../../servers/contract/audit/writer.ts';

const disk = vi.hoisted(() => ({ full: false }));

/** A full disk takes half of what it is given, and then says so. */
vi.mock('node:fs', async (original) => {
  const fs = await original<typeof fileSystem>();
  const writeSync = (file: number, data: Buffer, offset: number, length: number, position: number): number => {
    if (!disk.full) return fs.writeSync(file, data, offset, length, position);
    fs.writeSync(file, data, offset, Math.floor(length / 2), position);
    throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
  };
  return { ...fs, writeSync };
});

let state: string;
let writer: AuditWriter;
let reported: unknown[];

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  state = mkdtempSync(join(tmpdir(), 'switchboard-audit-'));
  reported = [];
  writer = createAuditWriter({ stateFolder: state, writer: 'jira', report: (error) => reported.push(error) });
});

afterEach(() => {
  disk.full = false;
  writer.close();
  vi.useRealTimers();
  rmSync(state, { recursive: true, force: true });
});

function record(callId: string): () => AuditBody {
  return () => ({ time: '2026-11-22T09:00:00.000Z', phase: 'intent', writer: 'jira', callId });
}

function recorded(): (string | undefined)[] {
  expect(verifyAudit(state).map(({ status, problem, note }) => [status, problem, note])).toEqual([
    ['whole', undefined, undefined],
  ]);
  return readAudit(state).map(({ callId }) => callId);
}

it('pending records are in the log a few milliseconds later', () => {
  writer.append(record('first'), true);
  writer.append(record('second'), false);
  expect(recorded()).toEqual(['first']);
  vi.advanceTimersByTime(gatherMs);
  expect(recorded()).toEqual(['first', 'second']);
});

it('pending records that cannot be written are reported, block later ones, and are kept until there is space', () => {
  writer.append(record('first'), false);
  disk.full = true;
  vi.advanceTimersByTime(gatherMs);
  expect(reported).toEqual([expect.objectContaining({ code: 'ENOSPC' })]);
  for (const durable of [false, true]) expect(() => writer.append(record('lost'), durable)).toThrow(/ENOSPC/);
  expect(readAudit(state)).toEqual([]);
  disk.full = false;
  expect(writer.append(record('second'), false)).toBe(2);
  vi.advanceTimersByTime(gatherMs);
  expect(recorded()).toEqual(['first', 'second']);
});

it('a write that cannot be recorded leaves nothing behind, and the chain continues without a gap', () => {
  writer.append(record('first'), false);
  disk.full = true;
  expect(() => writer.append(record('lost'), true)).toThrow(/ENOSPC/);
  disk.full = false;
  expect(writer.append(record('second'), true)).toBe(2);
  expect(recorded()).toEqual(['first', 'second']);
});

it('closing with a full disk reports it', () => {
  writer.append(record('first'), false);
  disk.full = true;
  writer.close();
  expect(reported).toEqual([expect.objectContaining({ code: 'ENOSPC' })]);
});
