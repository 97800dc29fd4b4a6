import { expect, it } from 'vitest';
import { parseRunbook } from '../../../../src/agent/runbook/runbook.ts';
import type { RunEvent } from '../../../../src/agent/events.ts';
import { workOn } from '../../../../src/service/queue/work-on.ts';
import type { Ending, OccasionRow, OccasionStore } from '../../../../src/service/state/occasion-store.ts';

const row: OccasionRow = {
  id: 'id',
  name: 'alerts/check/1',
  runbook: 'check',
  parameters: {},
  source: 'hmac (alerts)',
  session: '20261122-090000-00000000',
  state: 'running',
  holder: 'us',
  touched: new Date(),
  attempts: 1,
  created: new Date(),
  started: null,
  ended: null,
  reason: null,
  exit_code: null,
  message: null,
  reply: null,
  options: { fromOthers: [], acceptGrants: false },
};
const none = () => Promise.reject(new Error('not called'));

/** What is recorded of an attempt that ends like this. */
async function endOf(reason: 'waiting' | 'failed', exitCode: number): Promise<Ending | undefined> {
  let recorded: Ending | undefined;
  const store: OccasionStore = {
    add: none,
    find: none,
    findByName: none,
    findByParts: none,
    findBySession: none,
    claim: () => Promise.resolve({ kind: 'ours', row }),
    touch: () => Promise.resolve(true),
    end: (_, ending) => {
      recorded = ending;
      return Promise.resolve(true);
    },
    stranded: none,
    countLastHour: none,
    occasionOf: ({ name }) => ({ name, take: none }),
  };
  await workOn(row.id, {
    store,
    bind: () => Promise.resolve({ kind: 'bound', bound }),
    start: async function* (): AsyncGenerator<RunEvent> {
      yield { type: 'run-finished', reason, message: '', writeNotGranted: reason === 'waiting' };
    },
    release: () => Promise.resolve(),
    exitCodeOf: () => exitCode,
    away: undefined,
    maxAttempts: 5,
    onEnd: () => Promise.resolve(),
    signal: new AbortController().signal,
    sleep: none,
    log: () => undefined,
  });
  return recorded;
}

const bound = (() => {
  const parsed = parseRunbook('---\nname: check\ntitle: Check\n---\nLook.\n', 'check.md');
  if (parsed.kind === 'invalid') throw new Error(JSON.stringify(parsed.issues));
  const { runbook } = parsed;
  return { runbook, parameters: {}, measures: [], conditions: [], previews: [], grants: [], acceptance: '' };
})();

it('counts an attempt that failed, and none that ended with a question: a run may have more of these', async () => {
  expect(await endOf('failed', 1)).toMatchObject({ state: 'queued', isCounted: true });
  expect(await endOf('waiting', 3)).toMatchObject({ state: 'waiting', isCounted: false });
});
