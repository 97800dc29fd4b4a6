import type { Statement } from './statement.ts';
import type { Connection, FieldDef, Submittable } from 'pg';
import { deferred } from './deferred.ts';
import { encodeFlight } from './encode-messages.ts';

export interface Answer {
  readonly fields: readonly FieldDef[];
  readonly rows: (string | null)[][];
  /** The portal has, or may have, more rows. */
  readonly suspended: boolean;
}

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
  #fields: readonly FieldDef[] = [];
  #rows: (string | null)[][] = [];

  constructor(statements: readonly Statement[]) {
    this.#statements = statements;
  }

  get answers(): Promise<readonly Answer[]> {
    return this.#answers.promise;
  }

  submit(connection: Connection): void {
    connection.stream.write(encodeFlight(this.#statements));
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
