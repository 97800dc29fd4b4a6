import type { Statement } from './statement.ts';
import type { Connection, FieldDef, Submittable } from 'pg';
import { deferred } from './deferred.ts';
import { encodeFlight } from './encode-messages.ts';
import { sqlState } from './to-tool-error.ts';

export interface Answer {
  readonly fields: readonly FieldDef[];
  readonly rows: (string | null)[][];
  /** The portal has, or may have, more rows. */
  readonly suspended: boolean;
}

/** admin_shutdown, idle_session_timeout */
const lastWords: ReadonlySet<string> = new Set(['57P01', '57P05']);

interface RowMessage {
  readonly fields: (string | null)[];
}

/**
 * Sends several statements in one write: BEGIN, settings and the query cost one round trip. The extended protocol
 * accepts one statement per message, whatever its text contains.
 * https://www.postgresql.org/docs/18/protocol-flow.html#PROTOCOL-FLOW-PIPELINING
 */
export class Flight implements Submittable {
  readonly #statements: readonly Statement[];
  readonly #done: Answer[] = [];
  readonly #answers = deferred<readonly Answer[]>();
  readonly #answerFirst: boolean;
  #sent = false;
  #fields: readonly FieldDef[] = [];
  #rows: (string | null)[][] = [];

  /** @param answerFirst see `encodeFlight`. */
  constructor(statements: readonly Statement[], answerFirst = false) {
    this.#statements = statements;
    this.#answerFirst = answerFirst;
  }

  get answers(): Promise<readonly Answer[]> {
    return this.#answers.promise;
  }

  /**
   * Whether the server can have begun the second statement, for all that is known after this failure.
   * @param received bytes since it was sent.
   */
  mayHaveBegun(failure: unknown, received: number): boolean {
    if (!this.#sent) return false;
    const state = sqlState(failure);
    if (state === undefined ? received > 0 : this.#done.length > 0) return true;
    // A backend that is told to end sends what it has answered before its last words, a lost connection may not.
    return !this.#answerFirst && !lastWords.has(state ?? '');
  }

  submit(connection: Connection): void {
    this.#sent = true;
    connection.stream.write(encodeFlight(this.#statements, { answerFirst: this.#answerFirst }));
  }

  /** Ends the pipeline with the rows so far, to keep the rest out of memory. The connection cannot be reused. */
  cut(): void {
    this.#next(true);
    this.#answers.resolve(this.#done);
  }

  handleRowDescription(message: { readonly fields: readonly FieldDef[] }): void {
    this.#fields = message.fields;
  }

  handleDataRow(message: RowMessage): void {
    this.#rows.push(message.fields);
  }

  handlePortalSuspended(): void {
    this.#next(true);
  }

  handleCommandComplete(): void {
    this.#next(false);
  }

  handleEmptyQuery(): void {
    this.#next(false);
  }

  handleError(error: unknown): void {
    this.#answers.reject(error);
  }

  handleReadyForQuery(): void {
    this.#answers.resolve(this.#done);
  }

  #next(suspended: boolean): void {
    this.#done.push({ fields: this.#fields, rows: this.#rows, suspended });
    this.#fields = [];
    this.#rows = [];
  }
}
