import { randomInt } from 'node:crypto';
import type { Client, FieldDef } from 'pg';
import type { Budget } from '../config/config.ts';
import { keyOf, sendCancel } from './cancel.ts';
import { isConnectionEnd } from './connection-end.ts';
import { Flight, type Answer } from './pipeline.ts';
import type { Statement } from './statement.ts';
import type { Route } from './route.ts';

export interface Page {
  readonly fields: readonly FieldDef[];
  readonly rows: (string | null)[][];
  /** `portal`: `fetch` returns more. `cut`: the byte budget was used up and the session is closed. */
  readonly more: 'none' | 'portal' | 'cut';
}

/** The statements that set the limits of a transaction. */
export interface Limits {
  /** Asks what the owner set, which may be stricter. Returns the process of the backend and the limits. */
  readonly ask: Statement;
  /** Sets what was returned. */
  readonly set: (limits: readonly (string | null)[]) => Statement;
}

/** Whose rights a read has, instead of those of the account that is connected. */
export interface Acting {
  readonly role: string;
  /** The caller, which policies read as current_setting('switchboard.sub'). */
  readonly subject: string;
}

const portal = 'page';
const begin: Statement = { text: 'BEGIN READ ONLY', bare: true };
const rollback: Statement = { text: 'ROLLBACK', bare: true };
const discard: Statement = { text: 'DISCARD ALL', bare: true };
/** How long the limits that the owner set are taken as known. */
const knownMs = 60_000;
/** After such a rest, the time of another packet does not matter. */
const restMs = 5;
/** After this, a backend that ignores a cancel request is left to the server's own checks. */
const cancelGraceMs = 2000;

/** In its own transaction: the next statement may not be allowed inside one. */
function seedAgain(): Statement[] {
  const seed = String(randomInt(2 ** 47) / 2 ** 46 - 1);
  return [begin, { text: 'SELECT pg_catalog.setseed($1)', values: [seed] }, rollback];
}

/** Always quoted: NONE and the names that a keyword could be would mean something else. */
function statementsOf({ role, subject }: Acting): readonly Statement[] {
  return [
    { text: "SELECT pg_catalog.set_config('switchboard.sub', $1, true)", values: [subject] },
    { text: `SET LOCAL ROLE "${role.replaceAll('"', '""')}"` },
  ];
}

/** One backend connection, used by one read at a time. */
export class Session {
  readonly #client: Client;
  readonly #route: Route;
  readonly #budget: Budget;
  readonly #limits: Limits;
  readonly #pooled: boolean;
  #known: { readonly statement: Statement; readonly since: number } | undefined;
  #flight: Flight | undefined;
  #received = 0;
  #cut = false;
  #alive = true;
  #open = false;
  #stopped = false;
  #dirty = false;
  #seeded = false;
  #pid: number;
  #left = false;
  #dropped = false;
  #missed = false;
  /** Since when it is clean and idle. */
  #restsSince: number | undefined;
  #acting: Acting | undefined;

  /** @param how `pooled`: behind a transaction pooler, where the next transaction may be in another session. */
  constructor(client: Client, route: Route, budget: Budget, how: { limits: Limits; pooled: boolean }) {
    this.#client = client;
    this.#route = route;
    this.#budget = budget;
    this.#limits = how.limits;
    this.#pooled = how.pooled;
    this.#pid = keyOf(client).processID;
    client.on('error', () => this.#lost());
    client.on('end', () => this.#lost());
    client.connection.stream.on('data', (chunk: Buffer) => this.#count(chunk.length));
  }

  get alive(): boolean {
    return this.#alive;
  }

  /** The process of a backend that was abandoned while it worked and may still be working. */
  get left(): number | undefined {
    return this.#left ? this.#pid : undefined;
  }

  /** The connection had ended when the first statements after a rest were sent: nothing of this use has run. */
  get missed(): boolean {
    return this.#missed;
  }

  /** As `actAs` was told. */
  get acting(): Acting | undefined {
    return this.#acting;
  }

  /** From the next transaction until `finish`. What is set ends with its transaction. */
  actAs(acting: Acting | undefined): void {
    this.#acting = acting;
  }

  /** Runs one statement in a new read-only transaction, which stays open until `finish` or the next read. */
  async read(text: string, values: readonly (string | null)[], rows: number): Promise<Page> {
    const before = this.#begin();
    return this.#page(await this.#run([...before, { text, values, rows, portal }]), before.length + 1);
  }

  /** Like `read`, for a text whose parameters have no values. The text must be known to be one statement. */
  async readPlain(text: string): Promise<Page> {
    await this.#run(this.#begin());
    return this.#page(await this.#run([{ text, plain: true }]), 1);
  }

  /** The next rows of the statement that `read` did not finish. */
  async fetch(rows: number): Promise<Page> {
    return this.#page(await this.#run([{ text: '', rows, portal, resume: true }]), 1);
  }

  /** Runs several statements in a new read-only transaction, in one round trip. */
  async readAll(statements: readonly Statement[]): Promise<readonly Answer[]> {
    const before = this.#begin();
    return (await this.#run([...before, ...statements])).slice(before.length);
  }

  /** Runs another statement in the open transaction and returns all its rows. */
  async also(text: string, values: readonly (string | null)[] = []): Promise<Answer> {
    const [answer] = await this.#run([{ text, values }]);
    return answer ?? { fields: [], rows: [], suspended: false };
  }

  /** Instead of `finish` when another read follows at once: the cleanup is sent along with that read. */
  finishWithNext(): void {
    this.#acting = undefined;
    this.#dirty = true;
    this.#restsSince = performance.now();
  }

  /** The next read calls setseed(), so random() must be reseeded afterwards. */
  seedAgainAfter(): void {
    this.#seeded = true;
  }

  /** Rolls back the transaction and clears all its state from the session. */
  async finish(): Promise<void> {
    if (!this.#alive) return;
    this.#acting = undefined;
    this.#stopped = false;
    const late = setTimeout(() => this.destroy(), cancelGraceMs).unref(); // otherwise the pool slot would leak
    try {
      await this.#run(this.#cleaning());
      this.#open = false;
      this.#restsSince = performance.now();
    } catch {
      this.destroy(); // whatever its state, it is never reused
    } finally {
      clearTimeout(late);
    }
  }

  /** Asks the server to stop this session's query. Resolves when the request is delivered. */
  async cancel(): Promise<void> {
    if (!this.#alive) return;
    this.#stopped = true;
    const flight = this.#flight;
    try {
      await sendCancel(this.#client, this.#route);
    } catch {
      this.destroy(); // then losing the connection has to stop it
      return;
    }
    setTimeout(() => {
      if (flight !== undefined && this.#flight === flight) this.destroy();
    }, cancelGraceMs).unref();
  }

  /** Drops the connection without notice. */
  destroy(): void {
    this.#dropped = true;
    this.#lost();
    this.#client.connection.stream.destroy();
  }

  async close(): Promise<void> {
    this.#alive = false;
    await this.#client.end();
  }

  #lost(): void {
    this.#left ||= this.#alive && this.#flight !== undefined;
    this.#alive = false;
  }

  #cleaning(): Statement[] {
    this.#dirty = false;
    const seed = this.#seeded ? seedAgain() : [];
    this.#seeded = false;
    return [rollback, ...seed, ...(this.#pooled ? [] : [discard])];
  }

  #begin(): Statement[] {
    const previous = this.#dirty ? this.#cleaning() : this.#open ? [rollback] : [];
    this.#open = true;
    const acting = this.#acting === undefined ? [] : statementsOf(this.#acting);
    return [...previous, begin, this.#limitsNow(), ...acting];
  }

  #limitsNow(): Statement {
    const known = this.#known;
    return known !== undefined && performance.now() - known.since < knownMs ? known.statement : this.#limits.ask;
  }

  async #run(statements: readonly Statement[]): Promise<readonly Answer[]> {
    // A cancel request only stops the running statement, so later ones must not start.
    if (this.#stopped) throw new Error('stopped before it was sent');
    const since = this.#restsSince;
    this.#restsSince = undefined;
    // Not behind a pooler: one of them may not know that message.
    const flight = new Flight(statements, since !== undefined && !this.#pooled && performance.now() - since > restMs);
    this.#received = 0;
    this.#cut = false;
    this.#flight = flight;
    try {
      this.#client.query(flight);
      const answers = await flight.answers;
      if (!this.#pooled) this.#learn(answers[statements.indexOf(this.#limits.ask)]?.rows[0]);
      return answers;
    } catch (error) {
      if (
        since !== undefined &&
        !this.#dropped &&
        isConnectionEnd(error) &&
        !flight.mayHaveBegun(error, this.#received)
      )
        this.#miss();
      throw error;
    } finally {
      this.#flight = undefined;
    }
  }

  #learn(row: readonly (string | null)[] | undefined): void {
    const [pid, ...values] = row ?? [];
    if (pid === undefined) return;
    this.#pid = Number(pid); // a pooler reports another one when connecting
    this.#known = { statement: this.#limits.set(values), since: performance.now() };
  }

  #miss(): void {
    this.#missed = true;
    this.destroy();
    this.#left = false; // it does not work for us
  }

  #page(answers: readonly Answer[], expected: number): Page {
    const answer = answers[expected - 1];
    if (answer === undefined) return { fields: [], rows: [], more: 'cut' };
    const more = this.#cut ? 'cut' : answer.suspended ? 'portal' : 'none';
    return { fields: answer.fields, rows: answer.rows, more };
  }

  #count(bytes: number): void {
    this.#received += bytes;
    if (this.#flight === undefined || this.#received <= this.#budget.maxSocketBytes) return;
    this.#cut = true;
    this.#flight.cut();
    void this.cancel();
    this.destroy();
  }
}
