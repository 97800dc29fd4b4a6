import { createHash, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { canonicalJson } from '../contract/canonical-json.ts';
import { createEffects, type EffectJournal } from './perform-effect.ts';
import type { PerformEffect } from './effect.ts';
import { ToolError } from './errors.ts';
import type { LedgerEntry, LedgerStore, Owner } from './state/ledger-store.ts';
import type { Log } from './log.ts';

/** A write call, as the ledger sees it. */
export interface KeyedCall {
  readonly key: string;
  readonly tool: string;
  /** Validated. Different arguments under the same key are refused. */
  readonly arguments: unknown;
  /**
   * The key stands for one write of an occasion. Other arguments are another attempt at it: they count if the earlier one
   * changed nothing, and otherwise get its result.
   */
  readonly mayReword?: boolean;
  readonly signal: AbortSignal;
  readonly progress: (message: string) => void;
  /** See EffectSurroundings. */
  readonly beforeSending?: () => Promise<void>;
}

export interface WriteResult {
  readonly structured: Record<string, unknown>;
  readonly text: string;
}

export interface Ledger {
  /**
   * Runs a write at most once per key. A repeat returns the stored result with `outcome: 'replayed'`; while another
   * process works on the key, this one waits for it.
   * @throws ToolError `idempotency_mismatch` (for a reworded call `conflict`, with the first result in `details.first`),
   * `outcome_unknown`, or what `run` throws.
   */
  readonly once: (call: KeyedCall, run: (effect: PerformEffect) => Promise<WriteResult>) => Promise<WriteResult>;
}

/** An attempt that is silent for this long counts as dead. A live one sends a heartbeat every third of it. */
const leaseMs = 15_000;
const maxPollMs = 1_000;

/** @param onClaimed gets the seconds that a call waited for its key. */
export function createLedger(
  store: LedgerStore,
  log: Log,
  onClaimed: (seconds: number) => void = () => undefined,
): Ledger {
  const once: Ledger['once'] = async (call, run) => {
    const argumentsSha256 = createHash('sha256').update(canonicalJson(call.arguments)).digest('hex');
    const started = performance.now();
    const claim = await claimKey(store, call, argumentsSha256);
    onClaimed((performance.now() - started) / 1000);
    if (claim.state === 'done') return replay(claim);
    const stopHeartbeat = keepAlive(store, call.key, log);
    try {
      return await attempt(store, call, claim, run, log);
    } finally {
      active.delete(claim.owner.id);
      stopHeartbeat();
    }
  };
  return { once: (call, run) => guardStore(once(call, run)) };
}

type Claim = Extract<LedgerEntry, { state: 'intended' }>;
type Done = Extract<LedgerEntry, { state: 'done' }>;

/** @returns our claim, or the result if there already is one. Waits while another attempt is alive. */
async function claimKey(store: LedgerStore, call: KeyedCall, argumentsSha256: string): Promise<Claim | Done> {
  for (let poll = 50, waited = false; ; poll = Math.min(poll * 1.5, maxPollMs)) {
    call.signal.throwIfAborted();
    const entries = await store.read(call.key);
    const done = entries.find((entry) => entry.state === 'done');
    const claims = winningClaims(entries);
    const last = claims.at(-1);
    const isReworded = last !== undefined && isOther(call, argumentsSha256, last, done);
    if (done !== undefined) return done;
    if (last === undefined || ended(entries, last) || !(await lives(store, call.key, last.owner))) {
      if (isReworded && hasOpenEffect(entries)) throw openBefore();
      const claim: Claim = {
        state: 'intended',
        time: new Date().toISOString(),
        owner: { ...self, id: randomUUID() },
        generation: (last?.generation ?? 0) + 1,
        tool: call.tool,
        argumentsSha256,
      };
      if (await wins(store, call.key, claim)) return claim;
    } else if (!waited) {
      waited = true;
      call.progress('The same call is already in progress. Waiting for it.');
    }
    await sleep(poll, undefined, { signal: call.signal });
  }
}

/**
 * Whether the key was used with other arguments and may be used with these.
 * @throws ToolError if it may not.
 */
function isOther(call: KeyedCall, argumentsSha256: string, last: Claim, done: Done | undefined): boolean {
  if (last.tool === call.tool && last.argumentsSha256 === argumentsSha256) return false;
  if (call.mayReword !== true || last.tool !== call.tool)
    throw new ToolError(
      'idempotency_mismatch',
      `This idempotency key was already used for ${last.tool === call.tool ? 'other arguments' : `the tool ${last.tool}`}.`,
      { hint: 'Use a new key for a changed call.' },
    );
  if (done !== undefined)
    throw new ToolError(
      'conflict',
      'An earlier attempt has already made this change, with other arguments. Nothing was sent.',
      { hint: 'Continue with its result.', details: { first: { structured: done.structured, text: done.text } } },
    );
  return true;
}

function openBefore(): ToolError {
  return new ToolError(
    'outcome_unknown',
    'An earlier attempt with other arguments may have made this change. Nothing was sent.',
    { hint: 'Look for it before anything else is tried.', retryable: false },
  );
}

async function wins(store: LedgerStore, key: string, claim: Claim): Promise<boolean> {
  const { id } = claim.owner;
  active.add(id); // before anyone can see the claim
  let won = false;
  try {
    won = winningClaims(await store.append(key, claim)).at(-1)?.owner.id === id;
  } finally {
    if (!won) active.delete(id);
  }
  return won;
}

/** The first claim of each generation. */
function winningClaims(entries: readonly LedgerEntry[]): Claim[] {
  const claims: Claim[] = [];
  for (const entry of entries)
    if (entry.state === 'intended' && entry.generation === claims.length + 1) claims.push(entry);
  return claims;
}

function ended(entries: readonly LedgerEntry[], claim: Claim): boolean {
  return entries.some((entry) => entry.state === 'failed' && entry.owner === claim.owner.id);
}

async function attempt(
  store: LedgerStore,
  call: KeyedCall,
  claim: Claim,
  run: (effect: PerformEffect) => Promise<WriteResult>,
  log: Log,
): Promise<WriteResult> {
  const owner = claim.owner.id;
  const time = (): string => new Date().toISOString();
  const journal: EffectJournal = {
    history: (effect) => store.read(call.key).then((entries) => lastOf(entries, effect)),
    record: async (entry) => {
      const entries = await store.append(call.key, { ...entry, owner, time: time() });
      // Another attempt took over the key while this process was asleep.
      if (entry.state === 'sending' && winningClaims(entries).at(-1)?.owner.id !== owner)
        throw new ToolError('conflict', 'Another process has taken over this call.', { retryable: true });
    },
  };
  const effects = createEffects({ ...call, journal, log });
  // The effects are already recorded. Failing to record the end must not turn success into failure.
  const end = async (
    last: { state: 'done'; structured: Record<string, unknown>; text: string } | { state: 'failed'; code: string },
  ): Promise<void> => {
    try {
      await store.append(call.key, { ...last, owner, time: time() });
    } catch (error) {
      log('error', 'cannot write the ledger', { state: last.state, error: String(error) });
    }
  };
  try {
    const result = await run(effects.perform);
    const structured = effects.sentNow() ? result.structured : { ...result.structured, outcome: 'replayed' };
    await end({ state: 'done', structured: result.structured, text: result.text });
    return { ...result, structured };
  } catch (error) {
    const told = await withOpenEffect(error, store, call.key);
    await end({ state: 'failed', code: told instanceof ToolError ? told.code : 'internal' });
    throw told;
  }
}

/** A failure now must not hide that an earlier attempt may have made the change. */
async function withOpenEffect(error: unknown, store: LedgerStore, key: string): Promise<unknown> {
  if (error instanceof ToolError && error.code === 'outcome_unknown') return error;
  if (!hasOpenEffect(await store.read(key))) return error;
  const now = error instanceof Error ? error.message : String(error);
  return new ToolError(
    'outcome_unknown',
    `An earlier call with this key may have made the change, and checking for it failed: ${now}`,
    { retryable: false },
    { cause: error },
  );
}

/** Whether an effect may have been made without being recorded. */
function hasOpenEffect(entries: readonly LedgerEntry[]): boolean {
  const names = new Set(entries.flatMap((entry) => ('effect' in entry ? [entry.effect] : [])));
  return [...names].some((name) => ['sending', 'unknown'].includes(lastOf(entries, name)?.state ?? ''));
}

/**
 * The valid entries of an effect. A `sending` by an attempt that had already lost the key was never followed by a send.
 */
function lastOf(entries: readonly LedgerEntry[], effect: string): LedgerEntry | undefined {
  let holder = '';
  let generation = 0;
  let last: LedgerEntry | undefined;
  for (const entry of entries) {
    if (entry.state === 'intended') {
      if (entry.generation !== generation + 1) continue;
      generation = entry.generation;
      holder = entry.owner.id;
    } else if ('effect' in entry && entry.effect === effect) {
      if (entry.state !== 'sending' || entry.owner === holder) last = entry;
    }
  }
  return last;
}

function replay(done: Done): WriteResult {
  return {
    structured: { ...done.structured, outcome: 'replayed' },
    text: `Already done under the same key. Nothing was sent again.\n${done.text}`,
  };
}

function keepAlive(store: LedgerStore, key: string, log: Log): () => void {
  const timer = setInterval(() => {
    store.touch(key).catch((error: unknown) => log('warn', 'ledger heartbeat failed', { error: String(error) }));
  }, leaseMs / 3);
  timer.unref();
  return () => clearInterval(timer);
}

/** No ledger, no write: what cannot be recorded is not sent. */
async function guardStore(flight: Promise<WriteResult>): Promise<WriteResult> {
  try {
    return await flight;
  } catch (error) {
    if (!(error instanceof Error) || !('syscall' in error) || !('path' in error)) throw error;
    const code = 'code' in error ? String(error.code) : 'unreadable';
    throw new ToolError(
      'not_configured',
      `Cannot write the ledger (${code}).`,
      { hint: 'Set SWITCHBOARD_STATE_DIR to a writable folder.' },
      { cause: error },
    );
  }
}

async function lives(store: LedgerStore, key: string, owner: Owner): Promise<boolean> {
  if ((await store.age(key)) > leaseMs) return false;
  // In containers, every process has the id 1, and some share the name of their host.
  if (store.isShared === true) return true;
  if (owner.host === self.host && owner.pid === self.pid && owner.started === self.started) return active.has(owner.id);
  return owner.host !== self.host || startOf(owner.pid) === owner.started;
}

/**
 * When a process started, to detect a reused process id. Empty if there is no such process. On systems without /proc
 * every live process looks the same, and only the lease decides.
 */
function startOf(pid: number): string {
  try {
    process.kill(pid, 0);
    if (process.platform !== 'linux') return 'alive';
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field, a name in parentheses, may contain anything; the start time is the 20th field after it.
    return fields.slice(fields.lastIndexOf(')') + 2).split(' ')[19] ?? 'alive';
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM' ? 'alive' : '';
  }
}

/** Unfinished attempts of this process. */
const active = new Set<string>();
const self = { host: hostname(), pid: process.pid, started: startOf(process.pid) };
