import { setTimeout as delay } from 'node:timers/promises';
import { ToolError } from '../../kit/errors.ts';
import type { Shortage } from './connection-limit.ts';
import { deferred } from './deferred.ts';
import { allStuck, LeavingBackends } from './leaving.ts';
import type { Session } from './session.ts';

interface Waiter {
  readonly take: (session: Promise<Session>) => void;
}

/** How long a session may idle before its connection is given back. */
const idleMs = 60_000;
/** The server counts a connection of ours that has ended, or that it turned away, for a moment longer. */
const recentlyMs = 2000;
const maxRetries = 5;
const retryMs = 20;
/** How often the server is asked for backends that were left. */
const lookMs = 1000;
const firstLookMs = 50;

/** At most `size` sessions at once; who comes later waits in order. */
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
  /** Those of them that wait for the server, not for one another. */
  #connecting = 0;
  /** When a connection of ours ended last: the server may still count it. */
  #endedAt = -Infinity;
  #closed = false;
  #sweep: NodeJS.Timeout | undefined;

  /** @param overdueMs behind a transaction pooler, see `LeavingBackends`. */
  constructor(size: number, open: () => Promise<Session>, shortage: Shortage, overdueMs?: number) {
    this.#size = size;
    this.#leaving = new LeavingBackends(overdueMs);
    this.#open = open;
    this.#shortage = shortage;
  }

  /**
   * @param onWait told the place in the queue when all sessions are taken.
   * @param about to look at the server: it may be needed most when no place is left.
   * @throws ToolError `cancelled` when the signal comes first, `unreachable` when backends that do not stop have taken
   * all places; what opening throws.
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
      reject(new ToolError('cancelled', 'The call was cancelled while it waited for a free connection.'));
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

  /** Whether somebody waits for a session to be released. */
  get isAwaited(): boolean {
    return this.#waiting.length > 0;
  }

  /** Backends that were told to stop and did not, each in the place of a session. */
  get stuck(): { pid: number; seconds: number }[] {
    return this.#leaving.stuck;
  }

  /** Takes a session back. Its transaction must have ended, or end with its next read. */
  release(session: Session): void {
    const held = this.#aside.delete(session);
    if (!this.#busy.delete(session) && !held) return;
    if (!session.alive) this.#endedAt = performance.now();
    if (session.left !== undefined && !this.#closed) {
      this.#leaving.add(session.left);
      this.#lookLater(firstLookMs);
      return;
    }
    // One that was set aside had no place: whoever waits gets it only where a place is free.
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

  /** A session that only waits, with a result half read, takes nobody's place. */
  setAside(session: Session): void {
    this.#busy.delete(session);
    this.#aside.add(session);
    this.#waiting.shift()?.take(this.#openOne());
  }

  /** The session works again, even if all places are taken: it has waited already. */
  reclaim(session: Session): void {
    this.#aside.delete(session);
    this.#busy.add(session);
  }

  /** @returns false when no connection idles. */
  async closeIdle(): Promise<boolean> {
    const ready = this.#takeIdle();
    await ready?.close();
    this.#endedAt = performance.now();
    return ready !== undefined;
  }

  /** Stops whatever runs at the backend, then gives all connections back. */
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

  /** @returns true when every place is taken by a backend that does not stop. */
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

  /** Asks the server which of the backends that were left are gone, and gives their places on. */
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
      // Nobody waits for it any more: keep what may still open for the next call.
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
      // Those behind would wait for a session that never comes.
      queueMicrotask(() => this.#waiting.shift()?.take(this.#openOne()));
      throw error;
    } finally {
      this.#opening -= 1;
    }
  }

  /** Where no further connection is to be had, one that only waits is taken over, or the next that is given back. */
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
