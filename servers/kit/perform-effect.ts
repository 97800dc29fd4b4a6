import { createHash, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Effect, PerformEffect, Trace } from './effect.ts';
import { ToolError } from './errors.ts';
import type { LedgerEntry } from './state/ledger-store.ts';
import type { Log } from './log.ts';

type EffectEntry = Extract<LedgerEntry, { effect: string }>;
type Fresh<Entry> = Entry extends unknown ? Omit<Entry, 'owner' | 'time'> : never;

/** Where effects are recorded. A call without an idempotency key records none. */
export interface EffectJournal {
  readonly history: (effect: string) => Promise<LedgerEntry | undefined>;
  /** @throws ToolError `conflict` when another attempt has taken over the key. */
  readonly record: (entry: Fresh<EffectEntry>) => Promise<void>;
}

export interface EffectSurroundings {
  /** Without a key nothing is replayed, but a lost response is still searched for. */
  readonly key: string | undefined;
  readonly journal?: EffectJournal;
  readonly signal: AbortSignal;
  readonly progress: (message: string) => void;
  readonly log: Log;
  /** Awaited once, before the first send of this attempt. If it throws, nothing is sent. */
  readonly beforeSending?: () => Promise<void>;
}

export interface Effects {
  readonly perform: PerformEffect;
  /** Whether this attempt sent anything, as opposed to answering from the ledger. */
  readonly sentNow: () => boolean;
}

interface Work extends EffectSurroundings {
  readonly journal: EffectJournal;
  readonly seed: string;
  performed: number;
  sent: number;
}

const noJournal: EffectJournal = { history: () => Promise.resolve(undefined), record: () => Promise.resolve() };
const defaultPatienceMs = 5_000;
const maxPauseMs = 8_000;

export function createEffects(surroundings: EffectSurroundings): Effects {
  const work: Work = {
    journal: noJournal,
    ...surroundings,
    seed: surroundings.key ?? randomUUID(),
    performed: 0,
    sent: 0,
  };
  return { perform: (effect) => perform(effect, work), sentNow: () => work.performed === 0 || work.sent > 0 };
}

async function perform<Result>(effect: Effect<Result>, work: Work): Promise<Result> {
  work.performed += 1;
  const mark = createHash('sha256').update(`${work.seed}\n${effect.name}`).digest('hex').slice(0, 16);
  const before = await work.journal.history(effect.name);
  if (before?.state === 'sent') return effect.result.parse(before.result);
  const open = before?.state === 'sending' || before?.state === 'unknown';
  if (open && effect.find !== 'repeatable')
    return reconcile(effect, { mark, since: new Date(before.time) }, work, 'An earlier call got no response');
  if (work.sent === 0) await work.beforeSending?.();
  // Last chance for a cancelled call to send nothing.
  work.signal.throwIfAborted();
  await work.journal.record({ state: 'sending', effect: effect.name });
  work.sent += 1;
  const since = new Date();
  try {
    const result = await effect.send(mark);
    await note({ state: 'sent', effect: effect.name, result }, work);
    return result;
  } catch (error) {
    if (error instanceof ToolError && error.code !== 'outcome_unknown') {
      work.sent -= 1;
      await note({ state: 'refused', effect: effect.name }, work);
      throw error;
    }
    work.log('warn', 'outcome unknown', { effect: effect.name, error: textOf(error) });
    return reconcile(effect, { mark, since }, work, textOf(error));
  }
}

type Sent = Omit<Trace, 'signal'>;

async function reconcile<Result>(effect: Effect<Result>, sent: Sent, work: Work, why: string): Promise<Result> {
  const again = effect.find === 'repeatable';
  const { found, obstacle } =
    effect.find === 'repeatable'
      ? await repeat(effect, sent.mark, work)
      : await search(effect, effect.find, sent, work);
  if (found !== undefined) {
    await note({ state: 'sent', effect: effect.name, result: found }, work);
    return found;
  }
  await note({ state: 'unknown', effect: effect.name }, work);
  const looked = obstacle === undefined ? '' : ` Checking for it failed: ${obstacle}`;
  throw new ToolError(
    'outcome_unknown',
    `${why.replace(/\.$/, '')}. It is not known whether the change was made.${looked}`,
    {
      hint: again
        ? 'Doing it twice has the same effect as once, so you can try again.'
        : `It was not sent again. ${effect.whereToLook}`,
      retryable: again,
    },
  );
}

/** `obstacle`: why the search itself failed. */
interface Finding<Result> {
  readonly found: Result | undefined;
  readonly obstacle?: string | undefined;
}

async function repeat<Result>(effect: Effect<Result>, mark: string, work: Work): Promise<Finding<Result>> {
  work.progress('The response was lost. Sending it once more.');
  try {
    return { found: await effect.send(mark) };
  } catch (error) {
    work.log('warn', 'second attempt failed', { effect: effect.name, error: textOf(error) });
    return { found: undefined };
  }
}

const hopeless = new Set<string>(['unauthorized', 'forbidden', 'not_allowed', 'not_found', 'not_configured']);

async function search<Result>(
  effect: Effect<Result>,
  find: (trace: Trace) => Promise<Result | undefined>,
  sent: Sent,
  work: Work,
): Promise<Finding<Result>> {
  const patienceMs = effect.patienceMs ?? defaultPatienceMs;
  const signal = AbortSignal.timeout(patienceMs + maxPauseMs);
  const until = performance.now() + patienceMs;
  for (let pause = 250; ; pause = Math.min(pause * 2, maxPauseMs)) {
    let obstacle: string | undefined;
    work.progress('The response was lost. Checking whether the change was made.');
    try {
      const found = await find({ ...sent, signal });
      if (found !== undefined) return { found };
    } catch (error) {
      obstacle = textOf(error);
      work.log('warn', 'search failed', { effect: effect.name, error: obstacle });
      if (error instanceof ToolError && hopeless.has(error.code)) return { found: undefined, obstacle };
      // Upstream may still be down: keep asking until the time is up.
    }
    const left = until - performance.now();
    if (left <= 0) return { found: undefined, obstacle };
    await sleep(Math.min(pause, left));
  }
}

/** Records what has already happened. Failing to record it must not hide it. */
async function note(entry: Fresh<EffectEntry>, work: Work): Promise<void> {
  try {
    await work.journal.record(entry);
  } catch (error) {
    const { effect, state } = entry;
    work.log('error', 'the ledger could not be written', { effect, state, error: textOf(error) });
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
