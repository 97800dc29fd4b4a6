import { randomBytes } from 'node:crypto';
import type { FieldDef } from 'pg';
import { ToolError } from '../../kit/errors.ts';
import type { Session } from './session.ts';

/** A result that was cut: its session, still inside the transaction with the open portal. */
export interface HeldPage {
  readonly session: Session;
  readonly sql: string;
  readonly fields: readonly FieldDef[];
  /** Rows already fetched and not yet shown. */
  readonly pending: readonly (string | null)[][];
  readonly masked: readonly string[];
  /** `none`: the portal is read to its end, `pending` is all that is left. */
  readonly more: 'none' | 'portal';
}

/**
 * Results that wait for their next page, each an open portal: the pages are of one snapshot, cost no second run and work
 * for any query, which paging by key does not. The price is a transaction that idles, so few are held, and not for long.
 */
export class HeldCursors {
  /** How many are held at once; the oldest gives way. */
  readonly max: number;
  readonly #holdMs: number;
  readonly #release: (session: Session) => Promise<void>;
  readonly #held = new Map<string, HeldPage & { timer: NodeJS.Timeout }>();

  constructor(holdMs: number, release: (session: Session) => Promise<void>) {
    this.#holdMs = holdMs;
    this.max = holdMs === 0 ? 0 : 2;
    this.#release = release;
  }

  /** @returns the cursor for the next page, or undefined when nothing is to be held. */
  hold(page: HeldPage): string | undefined {
    if (this.max === 0) return undefined;
    const [oldest] = this.#held.keys();
    if (oldest !== undefined && this.#held.size >= this.max) void this.#drop(oldest);
    const cursor = randomBytes(9).toString('base64url');
    const timer = setTimeout(() => void this.#drop(cursor), this.#holdMs).unref();
    this.#held.set(cursor, { ...page, timer });
    return cursor;
  }

  holds(session: Session): boolean {
    return [...this.#held.values()].some((held) => held.session === session);
  }

  /** Takes a cursor out; whoever takes it gives the session back. */
  take(cursor: string, sql: string): HeldPage {
    const held = this.#held.get(cursor);
    if (held === undefined || !held.session.alive)
      throw new ToolError(
        'not_found',
        `There is no open cursor '${cursor}': it was read already, waited longer than ${this.#holdMs / 1000} s, or gave way: to newer ones (${this.max} are held), or its connection to another query.`,
        {
          hint: 'Run the query again without cursor; to go on from a known row, add ORDER BY and a condition on its key.',
        },
      );
    if (held.sql !== sql)
      throw new ToolError('invalid_arguments', "'cursor' belongs to another query.", {
        hint: 'Repeat the query exactly as it was when the cursor was given.',
      });
    clearTimeout(held.timer);
    this.#held.delete(cursor);
    return held;
  }

  /** Gives up the oldest, for its connection. @returns false when none is held. */
  async giveWay(): Promise<boolean> {
    const [oldest] = this.#held.keys();
    if (oldest === undefined) return false;
    await this.#drop(oldest);
    return true;
  }

  async #drop(cursor: string): Promise<void> {
    const held = this.#held.get(cursor);
    if (held === undefined) return;
    clearTimeout(held.timer);
    this.#held.delete(cursor);
    await this.#release(held.session);
  }
}
