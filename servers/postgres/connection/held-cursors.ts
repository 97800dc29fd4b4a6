import { randomBytes } from 'node:crypto';
import type { FieldDef } from 'pg';
import { ToolError } from '../../kit/errors.ts';
import type { Session } from './session.ts';

/** A cut result: its session, still in the transaction with the open portal. */
export interface HeldPage {
  readonly session: Session;
  readonly sql: string;
  /** Who may have the rest: a caller with a role. */
  readonly owner: string;
  readonly fields: readonly FieldDef[];
  /** Rows fetched but not yet shown. */
  readonly pending: readonly (string | null)[][];
  readonly masked: readonly string[];
  /** `none`: the portal is exhausted, and only `pending` is left. */
  readonly more: 'none' | 'portal';
}

/**
 * Results that wait for their next page, each with an open portal. All pages come from one snapshot, nothing runs
 * twice, and any query works, unlike paging by key. The price is an idle transaction, so only a few are kept open, and
 * not for long.
 */
export class HeldCursors {
  /** How many are kept open at once; the oldest is closed first. */
  readonly max: number;
  readonly #holdMs: number;
  readonly #release: (session: Session) => Promise<void>;
  readonly #held = new Map<string, HeldPage & { timer: NodeJS.Timeout }>();

  constructor(holdMs: number, release: (session: Session) => Promise<void>) {
    this.#holdMs = holdMs;
    this.max = holdMs === 0 ? 0 : 2;
    this.#release = release;
  }

  /** @returns the cursor for the next page, or undefined if cursors are disabled. */
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

  /** Removes a cursor. The caller must return its session. Another owner's cursor is as one that does not exist. */
  take(cursor: string, sql: string, owner: string): HeldPage {
    const held = this.#held.get(cursor);
    if (held === undefined || !held.session.alive || held.owner !== owner)
      throw new ToolError(
        'not_found',
        `Cursor '${cursor}' is not open: it was already read, waited longer than ${this.#holdMs / 1000} s, or was closed for a newer cursor (at most ${this.max} stay open) or for another query that needed its connection.`,
        {
          hint: 'Run the query again without cursor. To continue from a known row, add ORDER BY and a condition on its key.',
        },
      );
    if (held.sql !== sql)
      throw new ToolError('invalid_arguments', "'cursor' belongs to a different query.", {
        hint: 'Repeat exactly the query that returned the cursor.',
      });
    clearTimeout(held.timer);
    this.#held.delete(cursor);
    return held;
  }

  /** Closes the oldest to free its connection. @returns false if none is open. */
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
