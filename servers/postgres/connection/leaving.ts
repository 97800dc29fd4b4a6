import { ToolError } from '../../kit/errors.ts';
import type { Session } from './session.ts';

/**
 * A backend that was abandoned while working and may continue: not every loop in PostgreSQL checks for cancel requests.
 */
export interface Leaving {
  readonly pid: number;
  readonly since: number;
}

/** How long a backend may take to stop before it counts as stuck. */
const stopMs = 3000;

/** Abandoned backends that may still exist. Each keeps the slot of its session. */
export class LeavingBackends {
  readonly #all = new Map<number, Leaving>();
  readonly #overdueMs: number | undefined;

  /**
   * @param overdueMs for transaction poolers, which hide the process ids: a query of ours older than this must be
   * stuck.
   */
  constructor(overdueMs: number | undefined) {
    this.#overdueMs = overdueMs;
  }

  get size(): number {
    return this.#all.size;
  }

  /** Backends that have had enough time to stop. */
  get stuck(): { pid: number; seconds: number }[] {
    const now = performance.now();
    return [...this.#all.values()]
      .filter(({ since }) => now - since > stopMs)
      .map(({ pid, since }) => ({ pid, seconds: Math.round((now - since) / 1000) }));
  }

  get areStuck(): boolean {
    return this.#all.size > 0 && this.stuck.length === this.#all.size;
  }

  add(pid: number): void {
    this.#all.set(pid, { pid, since: performance.now() });
  }

  /** Asks the server, through another session, which of them still exist. */
  async look(session: Session): Promise<void> {
    const asked = [...this.#all.values()];
    if (this.#overdueMs === undefined) {
      const ages = asked.map(({ since }) => Math.round(performance.now() - since));
      const [answer] = await session.readAll([
        { text: stillThere, values: [`{${asked.map(({ pid }) => pid).join(',')}}`, `{${ages.join(',')}}`] },
      ]);
      const there = new Set(answer?.rows.map(([pid]) => Number(pid)));
      for (const { pid } of asked) if (!there.has(pid)) this.#all.delete(pid);
    } else {
      const [answer] = await session.readAll([{ text: overdueOnes, values: [String(this.#overdueMs)] }]);
      const count = Number(answer?.rows[0]?.[0] ?? 0);
      for (const { pid } of asked.slice(0, Math.max(0, asked.length - count))) this.#all.delete(pid);
    }
  }
}

/** A process id may have been reused by a newer backend. */
const stillThere = `
  select a.pid from pg_catalog.pg_stat_activity a
    join rows from (pg_catalog.unnest($1::int4[]), pg_catalog.unnest($2::int8[])) l (pid, age) on l.pid = a.pid
  where a.usename = current_user and a.backend_start < pg_catalog.clock_timestamp() - l.age * interval '1 ms'`;

const overdueOnes = `
  select pg_catalog.count(*) from pg_catalog.pg_stat_activity
  where usename = current_user and application_name = 'switchboard' and state = 'active'
    and pid <> pg_catalog.pg_backend_pid()
    and query_start < pg_catalog.clock_timestamp() - $1::int8 * interval '1 ms'`;

export function allStuck(stuck: readonly { pid: number; seconds: number }[]): ToolError {
  const which = stuck.map(({ pid, seconds }) => `process ${pid} for ${seconds} s`).join(', ');
  return new ToolError(
    'unreachable',
    `All ${stuck.length} connections that DB_MAX_CONCURRENT allows are taken by queries that PostgreSQL was told to stop but has not stopped: ${which}.`,
    {
      hint: 'Queries can run again when one of them ends. Even pg_terminate_backend may not end it; get_database_health shows whether it is still running.',
      retryable: true,
    },
  );
}
