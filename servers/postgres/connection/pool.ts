import { setTimeout as delay } from 'node:timers/promises';
import { ToolError } from '../../kit/errors.ts';
import type { Shortage } from './connection-limit.ts';
import { deferred } from './deferred.ts';
import { allStuck, LeavingBackends } from './leaving.ts';
import type { Session } from './session.ts';

interface Waiter {
  readonly take: (session: Promise<Session>) => void;
}

/** How long a session may idle before its connection is closed. */
const idleMs = 60_000;
/** The server still counts a closed or rejected connection for a moment. */
const recentlyMs = 2000;
const maxRetries = 5;
const retryMs = 20;
/** How often to check the server for abandoned backends. */
const lookMs = 1000;
const firstLookMs = 50;

/** At most `size` sessions at once; later callers wait in order. */
export class SessionPool {
  readonly #open: () => Promise<Session>;
  readonly #size: number;
  readonly #shortage: Shortage;
  readonly #idle: Session[] = [];
  readonly #busy = new Set<Session>();
  readonly #aside = new Set<Session>();
  readonly #waiting: Waiter[] = [];
  readonly #leaving: LeavingBackends;
  #looking: Promise<void> | undefined;
  #nextLook: NodeJS.Timeout | undefined;
  #opening = 0;
  /** Callers that wait for the server, not for each other. */
  #connecting = 0;
  /** When our last connection ended: the server may still count it. */
  #endedAt = -Infinity;
  #closed = false;
  #sweep: NodeJS.Timeout | undefined;

  /** @param overdueMs for transaction poolers, see `LeavingBackends`. */
  constructor(size: number, open: () => Promise<Session>, shortage: Shortage, overdueMs?: number) {
    this.#size = size;
    this.#leaving = new LeavingBackends(overdueMs);
    this.#open = open;
    this.#shortage = shortage;
  }

  /**
   * @param onWait gets the position in the queue when all sessions are busy.
   * @param about `health` checks are allowed even when no slot is left: that is when they are needed most.
   * @throws ToolError `cancelled` when the signal comes first, `unreachable` when backends that do not stop occupy all
   * slots; and whatever opening throws.
   */
  async acquire(
    signal: AbortSignal,
    onWait: (place: number) => void = () => undefined,
    about: 'query' | 'health' = 'query',
  ): Promise<Session> {
    signal.throwIfAborted();
    const stuck = await this.#untilSomeoneLeft(signal);
    if (stuck && about === 'query') throw allStuck(this.#leaving.stuck);
    if (stuck || this.#taken < this.#size) {
      const ready = this.#takeIdle();
      if (ready === undefined) return this.#openUnless(signal);
      this.#busy.add(ready);
      return ready;
    }
    const { promise, resolve, reject } = deferred<Session>();
    const waiter: Waiter = { take: resolve };
    const leave = (): void => {
      const place = this.#waiting.indexOf(waiter);
      if (place >= 0) this.#waiting.splice(place, 1);
      reject(new ToolError('cancelled', 'The call was cancelled while waiting for a free connection.'));
    };
    this.#waiting.push(waiter);
    signal.addEventListener('abort', leave, { once: true });
    onWait(this.#waiting.length);
    try {
      return await promise;
    } finally {
      signal.removeEventListener('abort', leave);
    }
  }

  /** A new connection in the place of one that ended before its caller could use it. */
  async replace(ended: Session, signal: AbortSignal): Promise<Session> {
    this.#busy.delete(ended);
    this.#endedAt = performance.now();
    return this.#openUnless(signal);
  }

  /** Whether any caller is waiting for a session. */
  get isAwaited(): boolean {
    return this.#waiting.length > 0;
  }

  get load(): { used: number; waiting: number } {
    return { used: this.#taken, waiting: this.#waiting.length };
  }

  /** Backends that were told to stop but did not; each occupies a slot. */
  get stuck(): { pid: number; seconds: number }[] {
    return this.#leaving.stuck;
  }

  /** Returns a session to the pool. Its transaction must have ended, or end with its next read. */
  release(session: Session): void {
    const held = this.#aside.delete(session);
    if (!this.#busy.delete(session) && !held) return;
    if (!session.alive) this.#endedAt = performance.now();
    if (session.left !== undefined && !this.#closed) {
      this.#leaving.add(session.left);
      this.#lookLater(firstLookMs);
      return;
    }
    // A parked session has no slot: a waiter gets it only if a slot is free.
    if (held && session.alive && !this.#closed && this.#busy.size >= this.#size) return this.#park(session);
    const waiter = this.#waiting.shift();
    if (this.#closed) void session.close();
    else if (session.alive) {
      if (waiter === undefined) this.#park(session);
      else {
        this.#busy.add(session);
        waiter.take(Promise.resolve(session));
      }
    } else waiter?.take(this.#openOne());
  }

  /** A session that waits with an unfinished result does not use a slot. */
  setAside(session: Session): void {
    this.#busy.delete(session);
    this.#aside.add(session);
    this.#waiting.shift()?.take(this.#openOne());
  }

  /** Reactivates the session even if all slots are taken: it has already waited. */
  reclaim(session: Session): void {
    this.#aside.delete(session);
    this.#busy.add(session);
  }

  /** @returns false if no connection is idle. */
  async closeIdle(): Promise<boolean> {
    const ready = this.#takeIdle();
    await ready?.close();
    this.#endedAt = performance.now();
    return ready !== undefined;
  }

  /** Cancels running queries, then closes all connections. */
  async dispose(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#sweep);
    clearTimeout(this.#nextLook);
    await Promise.allSettled([...this.#busy].map((session) => session.cancel()));
    for (const session of [...this.#busy, ...this.#aside]) session.destroy();
    await Promise.allSettled(this.#idle.splice(0).map((session) => session.close()));
  }

  get #taken(): number {
    return this.#busy.size + this.#opening + this.#leaving.size;
  }

  /** @returns true if backends that do not stop occupy every slot. */
  async #untilSomeoneLeft(signal: AbortSignal): Promise<boolean> {
    while (this.#leaving.size > 0 && this.#taken >= this.#size) {
      await this.#look();
      signal.throwIfAborted();
      if (this.#leaving.size < this.#size) return false;
      if (this.#leaving.areStuck) return true;
      await delay(firstLookMs);
    }
    return false;
  }

  /** Asks the server which abandoned backends are gone, and frees their slots. */
  #look(): Promise<void> {
    return (this.#looking ??= this.#lookOnce().finally(() => (this.#looking = undefined)));
  }

  async #lookOnce(): Promise<void> {
    const session = this.#takeIdle() ?? (await this.#open());
    try {
      await this.#leaving.look(session);
      await session.finish();
    } finally {
      if (session.alive && !this.#closed) this.#park(session);
      else void session.close();
    }
    while (this.#waiting.length > 0 && this.#taken < this.#size) this.#waiting.shift()?.take(this.#openOne());
    if (this.#leaving.size >= this.#size && this.#leaving.areStuck)
      for (const waiter of this.#waiting.splice(0)) waiter.take(Promise.reject(allStuck(this.#leaving.stuck)));
    if (this.#leaving.size > 0) this.#lookLater(lookMs);
  }

  #lookLater(ms: number): void {
    clearTimeout(this.#nextLook);
    if (this.#closed) return;
    this.#nextLook = setTimeout(() => void this.#look().catch(() => this.#lookLater(lookMs)), ms).unref();
  }

  async #openUnless(signal: AbortSignal): Promise<Session> {
    const opened = this.#openOne();
    const aborted = deferred<never>();
    const abort = (): void => aborted.reject(new ToolError('cancelled', 'The call was cancelled.'));
    signal.addEventListener('abort', abort, { once: true });
    try {
      return await Promise.race([opened, aborted.promise]);
    } catch (error) {
      // The caller is gone: keep the connection for the next call if it still opens.
      if (signal.aborted)
        void opened.then(
          (session) => this.release(session),
          () => undefined,
        );
      throw error;
    } finally {
      signal.removeEventListener('abort', abort);
    }
  }

  async #openOne(): Promise<Session> {
    this.#opening += 1;
    try {
      const session = await this.#openOrTakeOver();
      this.#busy.add(session);
      return session;
    } catch (error) {
      // Otherwise the callers behind would wait for a session that never comes.
      queueMicrotask(() => this.#waiting.shift()?.take(this.#openOne()));
      throw error;
    } finally {
      this.#opening -= 1;
    }
  }

  /** If no more connections can be opened, takes over a waiting one or the next one that is returned. */
  async #openOrTakeOver(): Promise<Session> {
    for (let attempt = 0; ; attempt += 1) {
      const tried = await this.#tryOpen();
      if ('session' in tried) return tried.session;
      if (this.#closed || !this.#shortage.isShortage(tried.failure)) throw tried.failure;
      if (await this.#shortage.makeRoom()) {
        const ready = this.#takeIdle();
        if (ready !== undefined) return ready;
      } else if (this.#busy.size + this.#aside.size + this.#connecting > 0)
        return new Promise((resolve) => this.#waiting.unshift({ take: resolve }));
      else if (attempt < maxRetries && (this.#waiting.length > 0 || performance.now() - this.#endedAt < recentlyMs))
        await delay(retryMs * 2 ** attempt);
      else throw tried.failure;
    }
  }

  async #tryOpen(): Promise<{ session: Session } | { failure: unknown }> {
    this.#connecting += 1;
    try {
      return { session: await this.#open() };
    } catch (failure) {
      return { failure };
    } finally {
      this.#connecting -= 1;
    }
  }

  #takeIdle(): Session | undefined {
    for (let ready = this.#idle.pop(); ready !== undefined; ready = this.#idle.pop()) if (ready.alive) return ready;
    return undefined;
  }

  #park(session: Session): void {
    this.#idle.push(session);
    clearTimeout(this.#sweep);
    this.#sweep = setTimeout(() => {
      for (const idle of this.#idle.splice(0)) void idle.close();
    }, idleMs).unref();
  }
}
