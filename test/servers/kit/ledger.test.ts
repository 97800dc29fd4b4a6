import { once as eventOnce } from 'node:events';
import { appendFile, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Effect, PerformEffect } from '../../../servers/kit/effect.ts';
import { ToolError } from '../../../servers/kit/errors.ts';
import { createFileLedgerStore, type LedgerStore } from '../../../servers/kit/state/ledger-store.ts';
import { createLedger } from '../../../servers/kit/ledger.ts';
import { call, createUpstream, lostAnswer, openLedger, quiet, useLedgerFolder, writing } from './ledger-calls.ts';

const directory = useLedgerFolder();
const onDisk = (): ReturnType<typeof openLedger> => openLedger(directory());

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
    const mark = (await readdir(directory())).length;
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
    const store = createFileLedgerStore(directory());
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
    const [name = ''] = await readdir(directory());
    await appendFile(join(directory(), name), '\n{"state":"sending","own');
    expect((await onDisk().once(call('key'), writing(upstream.effect()))).structured['outcome']).toBe('replayed');
    expect(await readFile(join(directory(), name), 'utf8')).not.toContain('hello');
    await writeFile(join(directory(), name), '{"state":"intended","time":');
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
});
