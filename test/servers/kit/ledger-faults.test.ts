import * as fc from 'fast-check';
import * as z from 'zod';
import { describe, expect, it } from 'vitest';
import type { Effect } from '../../../servers/kit/effect.ts';
import { ToolError } from '../../../servers/kit/errors.ts';
import type { LedgerEntry, LedgerStore } from '../../../servers/kit/state/ledger-store.ts';
import { createLedger } from '../../../servers/kit/ledger.ts';
import { call, lostAnswer, quiet } from './ledger-calls.ts';

describe('ledger under any sequence of faults', () => {
  type Fault =
    | 'none'
    | 'lost before'
    | 'lost after'
    | 'refused'
    | 'crash before send'
    | 'crash after store'
    | 'bug after store';
  const faults: readonly Fault[] = [
    'none',
    'lost before',
    'lost after',
    'refused',
    'crash before send',
    'crash after store',
    'bug after store',
  ];

  it('upstream gets it at most once, and the caller is never told anything false', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom(...faults), { minLength: 1, maxLength: 6 }),
        fc.integer({ min: 1, max: 3 }),
        async (plan, parts) => {
          const log = new Map<string, LedgerEntry[]>();
          const store = (dead: { now: boolean }): LedgerStore => ({
            read: (key) => Promise.resolve([...(log.get(key) ?? [])]),
            append: (key, entry) => {
              if (dead.now) return new Promise(() => undefined);
              log.set(key, [...(log.get(key) ?? []), structuredClone(entry)]);
              return Promise.resolve([...(log.get(key) ?? [])]);
            },
            touch: () => Promise.resolve(),
            age: () => Promise.resolve(60_000),
          });
          const upstream: string[] = [];
          for (const fault of plan) {
            const dead = { now: false };
            let crash: (word: 'crashed') => void = quiet;
            const crashed = new Promise<'crashed'>((resolve) => {
              crash = resolve;
            });
            const die = (): Promise<never> => {
              dead.now = true;
              crash('crashed');
              return new Promise(() => undefined);
            };
            const effect = (name: string, faulty: boolean): Effect<{ id: string }> => ({
              name,
              result: z.object({ id: z.string() }),
              send: async (mark) => {
                const now = faulty ? fault : 'none';
                if (now === 'refused') throw new ToolError('forbidden', 'No.');
                if (now === 'lost before') lostAnswer();
                if (now === 'crash before send') await die();
                upstream.push(mark);
                if (now === 'lost after') lostAnswer();
                if (now === 'crash after store') await die();
                if (now === 'bug after store') throw new TypeError('bug');
                return { id: mark };
              },
              find: ({ mark }) => Promise.resolve(upstream.includes(mark) ? { id: mark } : undefined),
              patienceMs: 0,
              whereToLook: '',
            });
            const work = createLedger(store(dead), quiet)
              .once(call('key'), async (perform) => {
                const ids: string[] = [];
                for (let part = 1; part <= parts; part += 1)
                  ids.push((await perform(effect(`part ${part}`, part === parts))).id);
                return { structured: { outcome: 'done', ids }, text: '' };
              })
              .then(
                (result) => result.structured,
                (error: unknown) => error,
              );
            const told = await Promise.race([work, crashed]);
            expect(new Set(upstream).size).toBe(upstream.length);
            if (told instanceof ToolError && told.code === 'forbidden') expect(upstream).toHaveLength(parts - 1);
            else if (told !== 'crashed' && !(told instanceof Error)) expect(told).toMatchObject({ ids: upstream });
            else if (told instanceof Error) expect(told).toMatchObject({ code: 'outcome_unknown' });
          }
          expect(upstream.length).toBeLessThanOrEqual(parts);
        },
      ),
      { numRuns: 300 },
    );
  });
});
