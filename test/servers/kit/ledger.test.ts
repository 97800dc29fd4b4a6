import { fork } from 'node:child_process';
import { once as eventOnce } from 'node:events';
import { appendFile, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import * as z from 'zod';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Effect, PerformEffect } from '../../../servers/kit/effect.ts';
import { ToolError } from '../../../servers/kit/errors.ts';
import { createFileLedgerStore, type LedgerEntry, type LedgerStore } from '../../../servers/kit/ledger-store.ts';
import { createLedger, type KeyedCall } from '../../../servers/kit/ledger.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'ledger-'));
});
afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

const quiet = (): void => undefined;
const call = (key: string, more: Partial<KeyedCall> = {}): KeyedCall => ({
  key,
  tool: 'post',
  arguments: { text: 'hello' },
  signal: new AbortController().signal,
  progress: quiet,
  ...more,
});

/** An upstream that stores what is sent, and can lose answers. */
function createUpstream() {
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

const lostAnswer = (): never => {
  throw new ToolError('outcome_unknown', 'The answer was lost.');
};
const writing = (effect: Effect<{ id: string }>) => async (perform: PerformEffect) => {
  const { id } = await perform(effect);
  return { structured: { outcome: 'done', id }, text: `made ${id}` };
};
const onDisk = (): ReturnType<typeof createLedger> => createLedger(createFileLedgerStore(directory), quiet);

describe('ledger', () => {
  it('answers a repeat from the ledger, even in another process', async () => {
    const upstream = createUpstream();
    const first = await onDisk().once(call('key-1'), writing(upstream.effect()));
    const second = await onDisk().once(call('key-1'), writing(upstream.effect()));
    expect(first.structured['outcome']).toBe('done');
    expect(second).toEqual({
      structured: { ...first.structured, outcome: 'replayed' },
      text: `Already done under the same key. Nothing was sent again.\n${first.text}`,
    });
    expect(upstream.stored).toHaveLength(1);
  });

  it('refuses other arguments or another tool under the same key', async () => {
    const upstream = createUpstream();
    await onDisk().once(call('key-1'), writing(upstream.effect()));
    const run = writing(upstream.effect());
    await expect(onDisk().once(call('key-1', { arguments: { text: 'else' } }), run)).rejects.toMatchObject({
      code: 'idempotency_mismatch',
      message: 'This idempotency key was already used for other arguments.',
    });
    await expect(onDisk().once(call('key-1', { tool: 'react' }), run)).rejects.toMatchObject({
      code: 'idempotency_mismatch',
      message: 'This idempotency key was already used for the tool post.',
    });
    // The order of keys is not a difference.
    await onDisk().once(call('key-2', { arguments: { a: 1, b: { c: 2, d: 3 } } }), run);
    const same = await onDisk().once(call('key-2', { arguments: { b: { d: 3, c: 2 }, a: 1 } }), run);
    expect(same.structured['outcome']).toBe('replayed');
  });

  it('sends once for many concurrent calls with one key', async () => {
    const upstream = createUpstream();
    const ledger = onDisk();
    const other = onDisk();
    const results = await Promise.all(
      Array.from({ length: 12 }, (_, index) =>
        (index % 2 ? ledger : other).once(call('key'), writing(upstream.effect())),
      ),
    );
    expect(upstream.stored).toHaveLength(1);
    expect(results.filter(({ structured }) => structured['outcome'] === 'done')).toHaveLength(1);
  });

  it('finds a change whose response was lost', async () => {
    const upstream = createUpstream();
    const effect = upstream.effect({
      send: (mark) => {
        upstream.stored.push(mark);
        return lostAnswer();
      },
    });
    const result = await onDisk().once(call('key'), writing(effect));
    expect(result.structured).toEqual({ outcome: 'done', id: upstream.stored[0] });
  });

  it('never resends what it cannot find, and says where to check', async () => {
    const upstream = createUpstream();
    let sends = 0;
    const effect = upstream.effect({
      send: () => {
        sends += 1;
        return lostAnswer();
      },
    });
    for (let attempt = 0; attempt < 3; attempt += 1) {
      await expect(onDisk().once(call('key'), writing(effect))).rejects.toMatchObject({
        code: 'outcome_unknown',
        retryable: false,
        hint: 'It was not sent again. Look there.',
      });
    }
    expect(sends).toBe(1);
    // It turns up later: the next call with the key says so.
    const mark = (await readdir(directory)).length;
    expect(mark).toBe(1);
    const found = await onDisk().once(
      call('key'),
      writing(upstream.effect({ find: () => Promise.resolve({ id: 'late' }) })),
    );
    expect(found.structured).toEqual({ outcome: 'replayed', id: 'late' });
  });

  it('says that an earlier call may have made the change when a later one fails early', async () => {
    const upstream = createUpstream();
    const lost = upstream.effect({ send: lostAnswer });
    await expect(onDisk().once(call('key'), writing(lost))).rejects.toMatchObject({ code: 'outcome_unknown' });
    const archived = (): Promise<never> => Promise.reject(new ToolError('conflict', 'The channel is archived.'));
    await expect(onDisk().once(call('key'), archived)).rejects.toMatchObject({
      code: 'outcome_unknown',
      message:
        'An earlier call with this key may have made the change, and checking for it failed: The channel is archived.',
    });
    await expect(onDisk().once(call('other'), archived)).rejects.toMatchObject({ code: 'conflict' });
  });

  it('checks approval and quota only before sending', async () => {
    const upstream = createUpstream();
    let asked = 0;
    const beforeSending = (): Promise<void> => {
      asked += 1;
      return asked === 1 ? Promise.reject(new ToolError('quota_exceeded', 'Enough.')) : Promise.resolve();
    };
    const run = writing(upstream.effect());
    await expect(onDisk().once(call('key', { beforeSending }), run)).rejects.toMatchObject({ code: 'quota_exceeded' });
    expect(upstream.stored).toEqual([]);
    await onDisk().once(call('key', { beforeSending }), run);
    await onDisk().once(call('key', { beforeSending }), run);
    expect([asked, upstream.stored.length]).toEqual([2, 1]);
  });

  it('keeps searching for as long as the effect allows, even if a search fails', async () => {
    const upstream = createUpstream();
    let looks = 0;
    const effect = upstream.effect({
      send: lostAnswer,
      find: () => {
        looks += 1;
        if (looks === 1) return Promise.reject(new ToolError('unreachable', 'away'));
        return Promise.resolve(looks === 3 ? { id: 'seen' } : undefined);
      },
      patienceMs: 20_000,
    });
    const result = await onDisk().once(call('key'), writing(effect));
    expect(result.structured['id']).toBe('seen');
  });

  it('retries what upstream rejected', async () => {
    const upstream = createUpstream();
    const refused = upstream.effect({ send: () => Promise.reject(new ToolError('forbidden', 'No.')) });
    await expect(onDisk().once(call('key'), writing(refused))).rejects.toMatchObject({ code: 'forbidden' });
    const result = await onDisk().once(call('key'), writing(upstream.effect()));
    expect(result.structured['outcome']).toBe('done');
    expect(upstream.stored).toHaveLength(1);
  });

  it('treats a bug after the send as a lost response', async () => {
    const upstream = createUpstream();
    const effect = upstream.effect({ send: () => Promise.reject(new TypeError('bug')) });
    await expect(onDisk().once(call('key'), writing(effect))).rejects.toMatchObject({ code: 'outcome_unknown' });
  });

  it('resends a repeatable effect instead of searching for it', async () => {
    const upstream = createUpstream();
    let sends = 0;
    const effect = upstream.effect({
      find: 'repeatable',
      send: (mark) => {
        sends += 1;
        return sends === 1 ? lostAnswer() : Promise.resolve({ id: mark });
      },
    });
    const result = await onDisk().once(call('key'), writing(effect));
    expect([result.structured['outcome'], sends]).toEqual(['done', 2]);
  });

  it('continues after the finished parts when a later one failed', async () => {
    const upstream = createUpstream();
    const run = (second: Effect<{ id: string }>) => async (perform: PerformEffect) => {
      const one = await perform(upstream.effect({}, 'part 1'));
      const two = await perform(second);
      return { structured: { outcome: 'done', ids: [one.id, two.id] }, text: '' };
    };
    const failing = upstream.effect({ send: () => Promise.reject(new ToolError('rate_limited', 'Wait.')) }, 'part 2');
    await expect(onDisk().once(call('key'), run(failing))).rejects.toMatchObject({ code: 'rate_limited' });
    const result = await onDisk().once(call('key'), run(upstream.effect({}, 'part 2')));
    expect(upstream.stored).toEqual(result.structured['ids']);
    expect(new Set(upstream.stored).size).toBe(2);
  });

  it('sends nothing for a call cancelled before the send, and records one cancelled after', async () => {
    const upstream = createUpstream();
    const before = new AbortController();
    before.abort();
    await expect(
      onDisk().once(call('key-1', { signal: before.signal }), writing(upstream.effect())),
    ).rejects.toMatchObject({ name: 'AbortError' });
    const underway = new AbortController();
    const cancelled = onDisk().once(call('key-3', { signal: underway.signal }), (perform) => {
      underway.abort();
      return writing(upstream.effect())(perform);
    });
    await expect(cancelled).rejects.toMatchObject({ name: 'AbortError' });
    expect(upstream.stored).toEqual([]);
    const during = new AbortController();
    const effect = upstream.effect({
      send: (mark) => {
        during.abort();
        upstream.stored.push(mark);
        return Promise.resolve({ id: mark });
      },
    });
    const result = await onDisk().once(call('key-2', { signal: during.signal }), writing(effect));
    expect(result.structured['outcome']).toBe('done');
    expect((await onDisk().once(call('key-2'), writing(effect))).structured['outcome']).toBe('replayed');
  });

  it('does not send when the ledger cannot be written', async () => {
    const upstream = createUpstream();
    const nowhere = createLedger(createFileLedgerStore('/dev/null/ledger'), quiet);
    await expect(nowhere.once(call('key'), writing(upstream.effect()))).rejects.toMatchObject({
      code: 'not_configured',
      message: 'Cannot write the ledger (ENOTDIR).',
    });
    expect(upstream.stored).toEqual([]);
  });

  it('still reports a success that it can no longer record', async () => {
    const upstream = createUpstream();
    const store = createFileLedgerStore(directory);
    let full = false;
    const filling: LedgerStore = {
      ...store,
      append: (key, entry) =>
        full
          ? Promise.reject(Object.assign(new Error('no space'), { code: 'ENOSPC', syscall: 'write', path: 'x' }))
          : store.append(key, entry),
    };
    const effect = upstream.effect({
      send: (mark) => {
        full = true;
        upstream.stored.push(mark);
        return Promise.resolve({ id: mark });
      },
    });
    const result = await createLedger(filling, quiet).once(call('key'), writing(effect));
    expect(result.structured['outcome']).toBe('done');
    // The repeat finds it upstream.
    full = false;
    const repeat = await onDisk().once(call('key', { progress: quiet }), writing(upstream.effect()));
    expect(repeat.structured['outcome']).toBe('replayed');
    expect(upstream.stored).toHaveLength(1);
  });

  it('skips a line that a crash cut', async () => {
    const upstream = createUpstream();
    await onDisk().once(call('key'), writing(upstream.effect()));
    const [name = ''] = await readdir(directory);
    await appendFile(join(directory, name), '\n{"state":"sending","own');
    expect((await onDisk().once(call('key'), writing(upstream.effect()))).structured['outcome']).toBe('replayed');
    expect(await readFile(join(directory, name), 'utf8')).not.toContain('hello');
    await writeFile(join(directory, name), '{"state":"intended","time":');
    expect((await onDisk().once(call('key'), writing(upstream.effect()))).structured['outcome']).toBe('done');
    expect((await onDisk().once(call('key'), writing(upstream.effect()))).structured['outcome']).toBe('replayed');
  });

  it('waits for the same call in progress without searching', async () => {
    const upstream = createUpstream();
    const [sending, waited] = [new AbortController(), new AbortController()];
    const effect = upstream.effect({
      send: async (mark) => {
        sending.abort();
        await eventOnce(waited.signal, 'abort');
        upstream.stored.push(mark);
        return { id: mark };
      },
      find: () => Promise.reject(new Error('there is nothing to look for')),
    });
    const underWay = eventOnce(sending.signal, 'abort');
    const first = onDisk().once(call('key'), writing(effect));
    await underWay;
    const said: string[] = [];
    const second = onDisk().once(
      call('key', {
        progress: (message) => {
          said.push(message);
          waited.abort();
        },
      }),
      writing(effect),
    );
    expect((await first).structured['outcome']).toBe('done');
    expect((await second).structured).toEqual({ ...(await first).structured, outcome: 'replayed' });
    expect(said).toEqual(['The same call is already in progress. Waiting for it.']);
  });

  describe('when an attempt sleeps longer than its lease and another takes over', () => {
    /** As after a laptop's sleep: nobody has heard of the first attempt for long. */
    const sleepy = (): ReturnType<typeof createLedger> =>
      createLedger({ ...createFileLedgerStore(directory), age: () => Promise.resolve(60_000) }, quiet);
    const gate = (): { opened: Promise<void>; open: () => void } => {
      let open = quiet;
      const opened = new Promise<void>((resolve) => {
        open = resolve;
      });
      return { opened, open };
    };

    it('the first sends nothing if it had not started', async () => {
      const upstream = createUpstream();
      const [claimed, awake] = [gate(), gate()];
      const first = sleepy().once(call('key'), async (perform) => {
        claimed.open();
        await awake.opened;
        return writing(upstream.effect())(perform);
      });
      await claimed.opened;
      const second = await sleepy().once(call('key'), writing(upstream.effect()));
      expect(second.structured['outcome']).toBe('done');
      awake.open();
      await expect(first).resolves.toMatchObject({ structured: { outcome: 'replayed' } });
      expect(upstream.stored).toHaveLength(1);
    });

    it('the first sends nothing if the other is about to', async () => {
      const upstream = createUpstream();
      const [claimed, awake, tookOver] = [gate(), gate(), gate()];
      const first = sleepy().once(call('key'), async (perform) => {
        claimed.open();
        await awake.opened;
        return writing(upstream.effect())(perform);
      });
      await claimed.opened;
      const firstRefused = expect(first).rejects.toMatchObject({ code: 'conflict', retryable: true });
      const second = sleepy().once(call('key'), async (perform) => {
        awake.open();
        await firstRefused;
        tookOver.open();
        return writing(upstream.effect())(perform);
      });
      await tookOver.opened;
      expect((await second).structured['outcome']).toBe('done');
      expect(upstream.stored).toHaveLength(1);
    });

    it('the second does not send what the first is sending', async () => {
      const upstream = createUpstream();
      const [sending, answer] = [gate(), gate()];
      const slow = upstream.effect({
        send: async (mark) => {
          sending.open();
          await answer.opened;
          upstream.stored.push(mark);
          return { id: mark };
        },
      });
      const first = sleepy().once(call('key'), writing(slow));
      await sending.opened;
      await expect(sleepy().once(call('key'), writing(slow))).rejects.toMatchObject({ code: 'outcome_unknown' });
      answer.open();
      expect((await first).structured['outcome']).toBe('done');
      expect((await onDisk().once(call('key'), writing(slow))).structured['outcome']).toBe('replayed');
      expect(upstream.stored).toHaveLength(1);
    });
  });

  it('takes over from a process that was killed while sending, and searches first', async () => {
    const child = fork(new URL('./ledger-victim.ts', import.meta.url), [directory], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    await eventOnce(child, 'message');
    child.kill('SIGKILL');
    await eventOnce(child, 'exit');
    let sent = 0;
    const effect = createUpstream().effect({
      send: (mark) => {
        sent += 1;
        return Promise.resolve({ id: mark });
      },
      find: () => Promise.resolve({ id: 'found upstream' }),
    });
    const result = await onDisk().once(call('victim'), writing(effect));
    expect(result.structured).toEqual({ outcome: 'replayed', id: 'found upstream' });
    expect(sent).toBe(0);
  });
});

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
