import { setTimeout as delay } from 'node:timers/promises';
import type { Arguments, CallOptions, ToolFailure, ToolOutcome } from '../agent/tools.ts';
import { failureOutcome } from './call-result.ts';
import { unconfined } from './child/confinement.ts';
import { describeEnd } from './client/link.ts';
import type { ClientIdentity } from './client/mcp-client.ts';
import type { Connection } from './connection.ts';
import { lostOutcome, maySendAgain } from './lost-call.ts';
import { openConnection, type OpeningOptions } from './open-connection.ts';
import { Absence } from './remote/absence.ts';
import type { RemoteOptions } from './remote/open-remote.ts';
import type { ServerSpec } from './server-specs.ts';
import type { ServerState, SupervisorTimings } from './server-state.ts';
import { changesSomething, type ListedTool } from './tool-specs.ts';

export interface SupervisorOptions {
  readonly opening: ClientIdentity & RemoteOptions & Pick<OpeningOptions, 'register'>;
  readonly onLine: (line: string) => void;
  readonly onState: (state: ServerState) => void;
  readonly timings: SupervisorTimings;
}

type FailedCode = Extract<ServerState, { status: 'failed' }>['code'];

type Ready =
  | { readonly kind: 'ready'; readonly connection: Connection }
  | { readonly kind: 'unavailable'; readonly failure: ToolFailure };

/** A call does not try a server again that was tried this recently. */
const soonMs = 1000;

/** Unanswered health checks before the process is restarted. */
const missesAllowed = 2;

/**
 * Keeps one server running: starts it when first needed, restarts it with increasing delays, gives up on a crash loop,
 * and retries a call whose server died if that is safe.
 */
export class Supervisor {
  spec: ServerSpec;
  readonly #options: SupervisorOptions;
  #state: ServerState = { status: 'stopped' };
  /** Aborted by `restart` and `dispose`, so that work of an earlier life changes nothing. */
  #life = new AbortController();
  #disposed = false;
  #connection: Connection | undefined;
  #starting: Promise<Ready> | undefined;
  #ends: number[] = [];
  #restarts = 0;
  #latencyMs: number | undefined;
  readonly #absence: Absence;

  constructor(spec: ServerSpec, options: SupervisorOptions) {
    this.spec = spec;
    this.#options = options;
    this.#absence = new Absence(options.timings);
  }

  get state(): ServerState {
    return this.#state;
  }

  /** Empty while the server cannot be used; `state` says why. Starts it if needed. */
  async tools(signal: AbortSignal): Promise<readonly ListedTool[]> {
    const ready = await this.#ready(signal);
    return ready.kind === 'ready' ? ready.connection.tools : [];
  }

  /** The tools if the server is running now, otherwise empty. Does not wait. */
  get toolsNow(): readonly ListedTool[] {
    return this.#connection?.running === true ? this.#connection.tools : [];
  }

  /** Contract: never rejects. */
  async call(tool: ListedTool, input: Arguments, options: CallOptions): Promise<ToolOutcome> {
    const first = await this.#attempt(tool, input, options);
    if (first.kind !== 'lost') return first.outcome;
    if (!maySendAgain(tool, options, first.sent)) return lostOutcome(tool, options, first.reason, first.sent);
    options.onProgress?.({ message: `${first.reason}; sending the call again` });
    const second = await this.#attemptAgain(first, tool, input, options);
    if (second.kind === 'lost') return lostOutcome(tool, options, second.reason, first.sent || second.sent);
    // The first attempt may have done the write, even though the second could not be sent.
    if (second.kind === 'unavailable' && first.sent) return lostOutcome(tool, options, first.reason, true);
    return second.outcome;
  }

  /**
   * A write that may have been done is worth waiting for: its key tells what became of it once a remote server is back,
   * as during an update. A read is not, but of a server that was restarted several connections may be broken.
   */
  async #attemptAgain(first: { sent: boolean }, tool: ListedTool, input: Arguments, options: CallOptions) {
    const waits = first.sent && changesSomething(tool, options);
    const until = performance.now() + this.#options.timings.repeatMs;
    for (let attempt = 2; ; attempt += 1) {
      const answer = await this.#attempt(tool, input, options);
      const isAway = answer.kind === 'lost' || (answer.kind === 'unavailable' && this.#absence.isKnown);
      if (this.spec.kind === 'child' || !isAway) return answer;
      const isOver = waits ? performance.now() > until : answer.kind === 'unavailable' || attempt > 2;
      if (isOver || !(await delay(waits ? soonMs : 0, true, { signal: options.signal }).catch(() => false)))
        return answer;
    }
  }

  async #attempt(tool: ListedTool, input: Arguments, options: CallOptions) {
    const ready = await this.#ready(options.signal);
    if (ready.kind === 'ready') return ready.connection.call(tool, input, options);
    return { kind: 'unavailable' as const, outcome: failureOutcome(ready.failure) };
  }

  /** Ends the process, clears its crash count and starts it again. Resolves when it is ready or has failed. */
  async restart(): Promise<void> {
    if (this.#disposed) return;
    this.#ends = [];
    const ended = this.#end();
    this.#life = new AbortController();
    const life = this.#life.signal;
    await this.#track(ended.then(() => this.#start(life)));
  }

  /** Resolves when no process of this server is left. */
  async dispose(): Promise<void> {
    this.#disposed = true;
    await this.#end();
  }

  async #end(): Promise<void> {
    this.#life.abort(new Error('stopped'));
    const connection = this.#connection;
    this.#connection = undefined;
    await this.#starting;
    await connection?.close();
    this.#enter({ status: 'stopped' });
  }

  async #ready(signal: AbortSignal): Promise<Ready> {
    const connection = this.#connection;
    if (connection?.running === true) return { kind: 'ready', connection };
    if (connection !== undefined)
      return orCancelled(
        connection.exited.then(() => this.#ready(signal)),
        signal,
      );
    if (this.#disposed) return this.#stopped();
    if (this.#starting === undefined && this.#state.status === 'failed' && !this.#absence.mayTry(soonMs)) {
      return unavailable(this.#state.code, this.#state.reason);
    }
    return orCancelled(this.#starting ?? this.#track(this.#start(this.#life.signal)), signal);
  }

  /** Concurrent callers wait for the same start. */
  #track(starting: Promise<Ready>): Promise<Ready> {
    const tracked = starting.finally(() => {
      if (this.#starting === tracked) this.#starting = undefined;
    });
    this.#starting = tracked;
    return tracked;
  }

  async #start(life: AbortSignal): Promise<Ready> {
    let reason = 'ended';
    for (;;) {
      if (!(await this.#pause(reason, life))) return this.#stopped();
      this.#enter({ status: 'starting' });
      const opened = await openConnection(this.spec, this.#openingOptions(), life);
      if (opened.kind === 'open' && life.aborted) await opened.connection.close();
      if (life.aborted) return this.#stopped();
      if (opened.kind === 'open') return { kind: 'ready', connection: this.#adopt(opened.connection, life) };
      reason = opened.reason;
      if (opened.cause === 'away') return this.#failForNow(reason, life);
      if (opened.cause === 'settings') return this.#fail('not_configured', reason);
      if (opened.cause === 'sign-in') return this.#fail('unauthorized', reason);
      if (opened.cause === 'start') return this.#fail('unreachable', reason);
      if (this.#countEnd()) return this.#fail('unreachable', reason);
    }
  }

  #stopped(): Ready {
    return unavailable('unreachable', `${this.spec.title} has been stopped.`);
  }

  #openingOptions(): OpeningOptions {
    const { opening, onLine, timings } = this.#options;
    const onUnconfined = (why: string): void => {
      if (this.spec.kind === 'child') this.spec = unconfined(this.spec, why);
    };
    return { ...opening, onLine, ...timings, onUnconfined, onToolsChanged: () => this.#enterReady(this.#latencyMs) };
  }

  /** Waits before a restart: full jitter under a limit that doubles with each recent exit. False when stopped meanwhile. */
  async #pause(reason: string, life: AbortSignal): Promise<boolean> {
    if (this.#ends.length === 0) return !life.aborted;
    const { firstDelayMs, longestDelayMs } = this.#options.timings;
    const bound = Math.min(longestDelayMs, firstDelayMs * 2 ** (this.#ends.length - 1));
    const delayMs = Math.round(Math.random() * bound);
    this.#enter({ status: 'restarting', reason, restarts: this.#restarts, delayMs });
    return delay(delayMs, true, { signal: life }).catch(() => false);
  }

  #adopt(connection: Connection, life: AbortSignal): Connection {
    this.#connection = connection;
    this.#absence.end();
    this.#enterReady(undefined);
    void this.#watchEnd(connection, life);
    void this.#watchHealth(connection, life);
    return connection;
  }

  async #watchEnd(connection: Connection, life: AbortSignal): Promise<void> {
    const exit = await connection.exited;
    if (this.#connection !== connection) return;
    this.#connection = undefined;
    if (life.aborted) return;
    const reason = `${this.spec.title} ${describeEnd(exit)}`;
    this.#options.onLine(`[supervisor] ${reason}`);
    this.#restarts += 1;
    const isLoop = this.#countEnd();
    if (!isLoop) await this.#ready(life);
    else if (this.spec.kind === 'remote') this.#failForNow(reason, life);
    else this.#fail('unreachable', reason);
  }

  async #watchHealth(connection: Connection, life: AbortSignal): Promise<void> {
    let misses = 0;
    while (misses <= missesAllowed) {
      const waited = await delay(this.#options.timings.healthMs, true, { signal: life, ref: false }).catch(() => false);
      if (!waited || this.#connection !== connection) return;
      const latencyMs = await connection.ping();
      if (this.#connection !== connection) return;
      misses = latencyMs === undefined ? misses + 1 : 0;
      if (latencyMs !== undefined) this.#enterReady(latencyMs);
    }
    this.#options.onLine(`[supervisor] ${this.spec.title} does not respond; restarting it`);
    await connection.close();
  }

  /** True in a crash loop. */
  #countEnd(): boolean {
    const { crashLimit, crashWindowMs } = this.#options.timings;
    const now = performance.now();
    this.#ends = [...this.#ends.filter((end) => now - end < crashWindowMs), now];
    return this.#ends.length >= crashLimit;
  }

  /** A remote server that went away comes back by itself: it is tried again, sooner if a call asks for it. */
  #failForNow(reason: string, life: AbortSignal): Ready {
    this.#ends = [];
    this.#absence.tryLater(life, () => {
      if (this.#starting === undefined && this.#connection === undefined) void this.#track(this.#start(life));
    });
    const failed: ServerState = { status: 'failed', code: 'unreachable', reason };
    this.#enter(failed);
    return unavailable(failed.code, reason);
  }

  #fail(code: FailedCode, reason: string): Ready {
    this.#absence.end();
    this.#enter({ status: 'failed', code, reason });
    return unavailable(code, reason);
  }

  #enterReady(latencyMs: number | undefined): void {
    const connection = this.#connection;
    if (connection === undefined) return;
    this.#latencyMs = latencyMs;
    this.#enter({
      status: 'ready',
      pid: connection.pid,
      caller: connection.caller,
      tools: connection.tools.length,
      leftOut: connection.leftOut,
      latencyMs,
      restarts: this.#restarts,
    });
  }

  #enter(state: ServerState): void {
    this.#state = state;
    this.#options.onState(state);
  }
}

function unavailable(code: FailedCode | 'cancelled', message: string): Ready {
  return { kind: 'unavailable', failure: { code, message, retryable: false } };
}

async function orCancelled(ready: Promise<Ready>, signal: AbortSignal): Promise<Ready> {
  const cancelled = unavailable('cancelled', 'Cancelled while the server was starting.');
  if (signal.aborted) return cancelled;
  let onAbort = (): void => {};
  const aborted = new Promise<Ready>((resolve) => {
    onAbort = () => resolve(cancelled);
    signal.addEventListener('abort', onAbort, { once: true });
  });
  try {
    return await Promise.race([ready, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
