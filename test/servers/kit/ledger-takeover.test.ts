import { fork } from 'node:child_process';
import { once as eventOnce } from 'node:events';
import { describe, expect, it } from 'vitest';
import { createFileLedgerStore } from '../../../servers/kit/state/ledger-store.ts';
import { createLedger } from '../../../servers/kit/ledger.ts';
import { call, createUpstream, openLedger, quiet, useLedgerFolder, writing } from './ledger-calls.ts';

const directory = useLedgerFolder();
const onDisk = (): ReturnType<typeof openLedger> => openLedger(directory());

describe('when an attempt sleeps longer than its lease and another takes over', () => {
  /** As after a laptop's sleep: nobody has heard of the first attempt for long. */
  const sleepy = (): ReturnType<typeof createLedger> =>
    createLedger({ ...createFileLedgerStore(directory()), age: () => Promise.resolve(60_000) }, quiet);
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
  const child = fork(new URL('./ledger-victim.ts', import.meta.url), [directory()], {
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
