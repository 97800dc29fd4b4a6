import type { Log } from '../../../servers/kit/log.ts';
import type { RunEvent } from '../../agent/events.ts';
import type { BindResult, BoundRunbook } from '../../agent/runbook/runbook.ts';
import type { StartRequest, Switchboard } from '../../switchboard.ts';
import { beginAttempt } from '../attempt.ts';
import { leaseMs, type OccasionRow, type OccasionStore } from '../state/occasion-store.ts';
import type { JobEnd } from './open-queue.ts';

type RunFinished = Extract<RunEvent, { type: 'run-finished' }>;

export interface WorkPorts extends Pick<Switchboard, 'start' | 'release'> {
  readonly store: OccasionStore;
  readonly bind: (runbook: string, parameters: OccasionRow['parameters']) => Promise<BindResult>;
  readonly exitCodeOf: (end: RunFinished | undefined) => number;
  readonly away: StartRequest['away'];
  /** Of the triggers file. */
  readonly maxAttempts: number;
  /** The run is over, waits for an approval, or was given up. */
  readonly onEnd: (row: OccasionRow, end: RunFinished | undefined) => Promise<void>;
  /** Aborts runs that are still going on when the worker must end. */
  readonly signal: AbortSignal;
  readonly sleep: (ms: number) => Promise<void>;
  readonly log: Log;
}

const pollMs = 2_000;
/** Ends that would be the same at the next attempt. */
const lasting = [0, 2, 3, 4, 78];

/** Runs an occasion from the queue, or goes on with it. */
export async function workOn(id: string, ports: WorkPorts): Promise<JobEnd> {
  const row = await claim(id, ports);
  if (row === undefined) return 'done';
  const { store, log } = ports;
  if (row.attempts > ports.maxAttempts) {
    await store.end(id, { state: 'ended', reason: 'failed', exitCode: 1, message: givenUp(row) });
    log('error', 'a run was given up', { occasion: row.name, attempts: row.attempts - 1 });
    await ports.onEnd(row, undefined);
    return 'dead';
  }
  const attempt = beginAttempt(store, row, ports.signal);
  const end = await runOnce(row, attempt.start, ports);
  const exitCode = ports.exitCodeOf(end);
  if (ports.signal.aborted && end?.reason === 'cancelled') {
    // Another worker goes on with it.
    await attempt.finish(end, { state: 'queued', exitCode, isCounted: false });
    return 'again';
  }
  const isLast = row.attempts >= ports.maxAttempts;
  const state = end?.reason === 'waiting' ? 'waiting' : lasting.includes(exitCode) || isLast ? 'ended' : 'queued';
  // An attempt that ends with a question has not failed: a run may have more questions than attempts.
  const isOurs = await attempt.finish(end, { state, exitCode, isCounted: state !== 'waiting' });
  if (!isOurs) return 'again';
  if (state === 'queued') {
    log('warn', 'a run failed and will be tried again', { occasion: row.name, why: end?.message });
    return 'again';
  }
  await ports.onEnd(row, end);
  if (lasting.includes(exitCode)) return 'done';
  log('error', 'a run was given up', { occasion: row.name, attempts: row.attempts, why: end?.message });
  return 'dead';
}

/** Waits for the lease of a worker that died. Undefined if there is nothing left to do. */
async function claim(id: string, { store, sleep, signal }: WorkPorts): Promise<OccasionRow | undefined> {
  for (let waitedMs = 0; waitedMs <= leaseMs * 2 && !signal.aborted; waitedMs += pollMs) {
    const claimed = await store.claim(id, { repeat: false });
    if (claimed.kind === 'ours') return claimed.row;
    if (claimed.kind === 'over') return undefined;
    await sleep(pollMs);
  }
  // It is alive, and ends its own job. If not, the occasion is found when it is stranded.
  return undefined;
}

async function runOnce(
  row: OccasionRow,
  start: Pick<StartRequest, 'session' | 'resume' | 'occasion' | 'signal'>,
  ports: WorkPorts,
): Promise<RunFinished | undefined> {
  try {
    const bound = await ports.bind(row.runbook, row.parameters);
    if (bound.kind === 'invalid')
      return { type: 'run-finished', reason: 'failed', message: bound.problems.join(' '), writeNotGranted: false };
    const events = ports.start({ ...requestOf(row, bound.bound), ...start, away: ports.away });
    let end: RunFinished | undefined;
    for await (const event of events) if (event.type === 'run-finished') end = event;
    await ports.release(row.session);
    return end;
  } catch (error) {
    ports.log('error', 'a run broke off', { occasion: row.name, error: String(error) });
    await ports.release(row.session).catch(() => undefined);
    return undefined;
  }
}

function requestOf(row: OccasionRow, runbook: BoundRunbook): Omit<StartRequest, 'signal'> {
  return {
    prompt: runbook.runbook.title,
    runbook: { ...runbook, fromOthers: row.options.fromOthers },
    attachments: [],
    acceptGrants: row.options.acceptGrants,
    ask: undefined,
  };
}

function givenUp({ attempts, message }: OccasionRow): string {
  return `Given up after ${attempts - 1} attempts. ${message ?? ''}`.trim();
}
