import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { createRedactor } from '../../servers/contract/redact.ts';
import { ConfigurationError } from '../../servers/kit/errors.ts';
import { createLog } from '../../servers/kit/log.ts';
import { openDatabase } from '../../servers/kit/state/database.ts';
import { readStateUrl } from '../../servers/kit/state/state-url.ts';
import type { RunEvent } from '../agent/events.ts';
import type { SessionStore } from '../sessions/session-store.ts';
import type { Variables } from '../settings.ts';
import type { StartRequest, Switchboard } from '../switchboard.ts';
import { beginAttempt } from './attempt.ts';
import {
  createOccasionStore,
  type Claim,
  type NewOccasion,
  type OccasionRow,
  type OccasionStore,
} from './state/occasion-store.ts';
import { createSharedSessions } from './state/shared-sessions.ts';

/** What `run --occasion` does with the state database. */
export interface RunState {
  /** Of `assemble`. */
  readonly sessions: SessionStore;
  /**
   * Runs the request, unless it was done for this occasion before: then it says how that went. Waits while another process
   * works on it. Resolves with the exit code.
   */
  readonly run: (occasion: string, work: Work) => Promise<number>;
  readonly close: () => Promise<void>;
}

export interface Work extends Pick<Switchboard, 'start' | 'release'> {
  readonly request: StartRequest;
  readonly note: (line: string) => void;
  /** Shows the events. Resolves with the end. */
  readonly render: (events: AsyncGenerator<RunEvent>) => Promise<RunFinished | undefined>;
  readonly exitCodeOf: (end: RunFinished | undefined) => number;
}

type RunFinished = Extract<RunEvent, { type: 'run-finished' }>;

const pollMs = 1_000;

/** @throws ConfigurationError */
export async function openRunState(variables: Variables): Promise<RunState> {
  const state = await readStateUrl(variables);
  if (state === undefined)
    throw new ConfigurationError(
      'SWITCHBOARD_STATE_URL is not set: --occasion needs a PostgreSQL database that all attempts share',
    );
  const database = await openDatabase(state.url, 'run', createLog('run', 'warn', createRedactor(state.secrets)));
  const holder = `${hostname()} ${process.pid} ${randomUUID()}`;
  const store = createOccasionStore(database, holder);
  const sessions = createSharedSessions(database, holder);
  return {
    sessions,
    run: async (name, work) => {
      const occasion = occasionOf(name, work.request);
      const { row } = await store.add(occasion);
      const other = differenceOf(occasion, row);
      if (other !== undefined) throw new ConfigurationError(`--occasion ${name}: ${other}`);
      const claim = await claimOrWait(store, row, work);
      if (claim.kind === 'over') {
        work.note(`'${name}' was run before. This is its result; nothing was done again.`);
        await work.render(replay(sessions, claim.row));
        return claim.row.exit_code ?? 0;
      }
      const attempt = beginAttempt(store, claim.row, work.request.signal);
      let end: RunFinished | undefined;
      try {
        const runbook = asQueued(work.request.runbook, claim.row);
        end = await work.render(work.start({ ...work.request, runbook, ...attempt.start }));
        await work.release(row.session);
      } finally {
        const state = end?.reason === 'waiting' ? 'waiting' : 'ended';
        await attempt.finish(end, { state, exitCode: work.exitCodeOf(end) });
      }
      return work.exitCodeOf(end);
    },
    close: database.close,
  };
}

async function claimOrWait(
  store: OccasionStore,
  { id, name }: OccasionRow,
  { note, request: { signal } }: Work,
): Promise<Exclude<Claim, { kind: 'busy' }>> {
  for (let hasWaited = false; ; hasWaited = true) {
    // Who has waited for an attempt answers with its result, whatever it is.
    const claim = await store.claim(id, { repeat: !hasWaited });
    if (claim.kind !== 'busy') return claim;
    if (!hasWaited) note(`'${name}' is being run by ${whoHolds(claim.row)}. Waiting for its result.`);
    await sleep(pollMs, undefined, { signal });
  }
}

/** Whoever goes on with what a webhook started repeats its parameters, and has not written them. */
function asQueued(runbook: StartRequest['runbook'], { options }: OccasionRow): StartRequest['runbook'] {
  return runbook && { ...runbook, fromOthers: options.fromOthers };
}

function occasionOf(name: string, { runbook, acceptGrants }: StartRequest): NewOccasion {
  if (runbook === undefined) throw new TypeError('An occasion has a runbook.');
  return {
    name,
    runbook: runbook.runbook.name,
    parameters: runbook.parameters,
    source: 'the command line',
    options: { fromOthers: [], acceptGrants },
  };
}

/** One name for two different jobs would leave one of them undone. */
function differenceOf({ runbook, parameters }: NewOccasion, row: OccasionRow): string | undefined {
  if (row.runbook !== runbook) return `it belongs to the runbook '${row.runbook}'`;
  const names = new Set([...Object.keys(parameters), ...Object.keys(row.parameters)]);
  const changed = [...names].filter((name) => parameters[name] !== row.parameters[name]);
  return changed.length === 0 ? undefined : `it was run with other parameters (${changed.join(', ')})`;
}

function whoHolds({ holder }: OccasionRow): string {
  const [host = 'another process', pid = ''] = holder?.split(' ') ?? [];
  return pid === '' ? host : `process ${pid} on ${host}`;
}

async function* replay(sessions: SessionStore, { session }: OccasionRow): AsyncGenerator<RunEvent> {
  const { events } = await sessions.read(session);
  for (const { event } of events) yield event;
}
