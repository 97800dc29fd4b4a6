import { toErrorData, ToolError } from '../../kit/errors.ts';
import type { Log } from '../../kit/log.ts';
import { askUpstream, type Telemetry } from '../../kit/telemetry/telemetry.ts';
import { createBreaker, type Outcome } from '../../kit/upstream/breaker.ts';
import type { Settings } from '../config/config.ts';
import type { Target } from '../config/database-settings.ts';
import { connectFailure } from './connect-failure.ts';
import { noConnectionLeft } from './connection-limit.ts';
import { HeldCursors, type HeldPage } from './held-cursors.ts';
import { openSession } from './open-session.ts';
import { SessionPool } from './pool.ts';
import type { Acting, Session } from './session.ts';
import { SshTunnel } from './ssh-tunnel.ts';
import { unanswered } from './stop-reasons.ts';
import { toToolError } from './to-tool-error.ts';

/** How long a call waits for the server beyond the statement timeout. */
const answerGraceMs = 2000;

export interface DatabaseIo {
  readonly log: Log;
  readonly telemetry: Telemetry;
}

export interface CallIo {
  readonly signal: AbortSignal;
  /** Who calls, over HTTP. What is kept open for one caller is not for another. */
  readonly caller?: string | undefined;
  readonly progress: (message: string) => void;
}

/** The connections of one database, each lent to one call at a time, or kept for the next page of a result. */
export class SessionLender {
  readonly #target: Target;
  readonly #statementTimeoutMs: number;
  readonly #pool: SessionPool;
  readonly #cursors: HeldCursors;
  readonly #tunnel: SshTunnel | undefined;
  readonly #telemetry: Telemetry;
  readonly #others: () => Iterable<Pick<SessionLender, 'giveUpOne'>>;

  /** @param others databases that may share the server's connections. */
  constructor(
    target: Target,
    settings: Settings,
    { log, telemetry }: DatabaseIo,
    others: () => Iterable<Pick<SessionLender, 'giveUpOne'>> = () => [],
  ) {
    this.#target = target;
    this.#others = others;
    this.#telemetry = telemetry;
    const { budget } = settings;
    const { maxConcurrent, statementTimeoutMs } = budget;
    this.#statementTimeoutMs = statementTimeoutMs;
    const tunnel = target.ssh === undefined ? undefined : new SshTunnel(target.ssh, target, log);
    this.#tunnel = tunnel;
    const transactionPooling = settings.transactionPooling || target.transactionPooling;
    this.#cursors = new HeldCursors(budget.cursorMs, (session) => this.giveBack(session));
    const breaker = createBreaker(`The database at ${this.where}`);
    this.#pool = new SessionPool(
      Math.min(maxConcurrent, target.connectionLimit ?? maxConcurrent),
      () =>
        breaker.run(
          async () => openSession({ target, budget, transactionPooling, via: await tunnel?.open() }),
          (outcome) => this.#verdict(outcome),
        ),
      { isShortage: noConnectionLeft, makeRoom: () => this.#makeRoom() },
      // Without the grace: the query began later than our clock for it, by what connection and pooler took.
      transactionPooling ? statementTimeoutMs : undefined,
    );
    telemetry.metrics.watchPool(target.name, () => this.#pool.load);
  }

  /** "orders at db.example:5432", for messages. */
  get where(): string {
    const { host, port, database } = this.#target;
    return `${host.includes(':') ? `[${host}]` : host}:${port}/${database}`;
  }

  /** A server that answers is up, whatever it says; without a free connection it is up, too. */
  #verdict(outcome: Outcome<Session>): 'down' | 'up' {
    if (outcome.kind === 'returned' || noConnectionLeft(outcome.error)) return 'up';
    const { code, retryable } = connectFailure(outcome.error, this.where, this.#target);
    return code === 'unreachable' && retryable ? 'down' : 'up';
  }

  /** Backends that do not answer. */
  get stuck(): SessionPool['stuck'] {
    return this.#pool.stuck;
  }

  /** The caller must pass the session to `lend` or `giveBack`. @throws ToolError */
  async acquire(io: CallIo, acting: Acting | undefined, about: 'query' | 'health' = 'query'): Promise<Session> {
    const onWait = (place: number): void => io.progress(`waiting for a free connection, ${place} in line`);
    try {
      const session = await this.#pool.acquire(io.signal, onWait, about);
      session.actAs(acting);
      return session;
    } catch (error) {
      throw connectFailure(error, this.where, this.#target);
    }
  }

  /** Takes the session that waits with a cut result. The caller must pass it to `lend`. @throws ToolError `not_found` */
  takeHeld(cursor: string, sql: string, owner: string): HeldPage {
    const held = this.#cursors.take(cursor, sql, owner);
    this.#pool.reclaim(held.session);
    return held;
  }

  /** Keeps the session of a cut result. @returns the cursor for the next page, or undefined if cursors are disabled. */
  hold(page: HeldPage): string | undefined {
    return this.#cursors.hold(page);
  }

  /**
   * Lends a session to `work`, cancels it at the backend if the caller gives up, and returns it unless a cursor keeps
   * it. If the connection had ended while it was idle, `work` has not begun, and runs once more on a new one.
   */
  lend<Result>(
    session: Session,
    io: CallIo,
    sql: string | undefined,
    work: (session: Session) => Promise<Result>,
  ): Promise<Result> {
    const { host, port, database } = this.#target;
    const attributes = {
      'db.system.name': 'postgresql',
      'db.namespace': database,
      'server.address': host,
      'server.port': port,
    };
    return askUpstream(this.#telemetry, { upstream: 'postgres', name: 'query postgresql', attributes }, () =>
      this.#lend(session, io, sql, work),
    );
  }

  async #lend<Result>(
    lent: Session,
    io: CallIo,
    sql: string | undefined,
    work: (session: Session) => Promise<Result>,
  ): Promise<Result> {
    let session = lent;
    const { acting } = lent;
    let cancelling: Promise<void> | undefined;
    const cancel = (): void => void (cancelling ??= session.cancel());
    io.signal.addEventListener('abort', cancel, { once: true });
    const limitMs = this.#statementTimeoutMs;
    let overdue = false;
    let giveUp = (): void => session.destroy();
    const began = performance.now();
    const deadline = setTimeout(() => {
      overdue = true;
      giveUp();
    }, limitMs + answerGraceMs);
    let sound = false;
    try {
      io.signal.throwIfAborted();
      const result = await work(session).catch(async (error: unknown) => {
        if (!session.missed || io.signal.aborted || overdue) throw error;
        const late = new AbortController();
        giveUp = () => late.abort();
        session = await this.#replace(session, AbortSignal.any([io.signal, late.signal]));
        session.actAs(acting);
        giveUp = () => session.destroy();
        return work(session);
      });
      sound = true;
      return result;
    } catch (error) {
      if (io.signal.aborted) throw new ToolError('cancelled', 'The call was cancelled and stopped at the database.');
      if (overdue) throw unanswered(this.where, limitMs);
      throw toToolError(error, this.where, sql, { limitMs, elapsedMs: performance.now() - began });
    } finally {
      clearTimeout(deadline);
      io.signal.removeEventListener('abort', cancel);
      // A cancel request in flight must not hit the session's next user.
      if (cancelling === undefined) this.#release(session, sound);
      else void cancelling.then(() => this.#release(session, false));
    }
  }

  /** The answer does not wait for the cleanup. */
  giveBack(session: Session): Promise<void> {
    return session.finish().then(() => this.#pool.release(session));
  }

  /** Closes an idle connection. @returns false if there is none. */
  async giveUpOne(): Promise<boolean> {
    return (await this.#pool.closeIdle()) || (await this.#cursors.giveWay());
  }

  async dispose(): Promise<void> {
    await this.#pool.dispose();
    await this.#tunnel?.close();
  }

  async #replace(ended: Session, signal: AbortSignal): Promise<Session> {
    try {
      return await this.#pool.replace(ended, signal);
    } catch (error) {
      const { code, message, ...extra } = toErrorData(connectFailure(error, this.where, this.#target));
      throw new ToolError(
        code,
        `The connection ended while it was idle, so the query did not run, and no new one could be opened: ${message}`,
        extra,
        { cause: error },
      );
    }
  }

  /**
   * @param sound the call succeeded: the next waiter can have the session at once and cleans it up with its first
   * query.
   */
  #release(session: Session, sound: boolean): void {
    if (this.#cursors.holds(session)) this.#pool.setAside(session);
    else if (sound && this.#pool.isAwaited) {
      session.finishWithNext();
      this.#pool.release(session);
    } else void this.giveBack(session);
  }

  /** Closes one of our waiting results, or else a connection to another database. */
  async #makeRoom(): Promise<boolean> {
    if (await this.giveUpOne()) return true;
    for (const other of this.#others()) if (await other.giveUpOne()) return true;
    return false;
  }
}
