import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod';
import { afterEach, beforeEach } from 'vitest';
import type { Effect, PerformEffect } from '../../../servers/kit/effect.ts';
import { ToolError } from '../../../servers/kit/errors.ts';
import { createFileLedgerStore } from '../../../servers/kit/state/ledger-store.ts';
import { createLedger, type KeyedCall } from '../../../servers/kit/ledger.ts';

/** A folder for each test of the file that calls this. @returns where it is now. */
export function useLedgerFolder(): () => string {
  let directory = '';
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'ledger-'));
  });
  afterEach(async () => {
    await rm(directory, { recursive: true, force: true });
  });
  return () => directory;
}

export const quiet = (): void => undefined;
export const call = (key: string, more: Partial<KeyedCall> = {}): KeyedCall => ({
  key,
  tool: 'post',
  arguments: { text: 'hello' },
  signal: new AbortController().signal,
  progress: quiet,
  ...more,
});

/** An upstream that stores what is sent, and can lose answers. */
export function createUpstream() {
  const stored: string[] = [];
  return {
    stored,
    effect: (more: Partial<Effect<{ id: string }>> = {}, name = 'create'): Effect<{ id: string }> => ({
      name,
      result: z.object({ id: z.string() }),
      send: (mark) => {
        stored.push(mark);
        return Promise.resolve({ id: mark });
      },
      find: ({ mark }) => Promise.resolve(stored.includes(mark) ? { id: mark } : undefined),
      patienceMs: 0,
      whereToLook: 'Look there.',
      ...more,
    }),
  };
}

export const lostAnswer = (): never => {
  throw new ToolError('outcome_unknown', 'The answer was lost.');
};
export const writing = (effect: Effect<{ id: string }>) => async (perform: PerformEffect) => {
  const { id } = await perform(effect);
  return { structured: { outcome: 'done', id }, text: `made ${id}` };
};
/** A ledger as another process would open it. */
export const openLedger = (directory: string): ReturnType<typeof createLedger> =>
  createLedger(createFileLedgerStore(directory), quiet);
