import { ToolError } from '../../kit/errors.ts';
import type { Session } from './session.ts';

/** A backend that was left while it worked, and may work on: not every loop in PostgreSQL looks for a cancel request. */
export interface Leaving {
  readonly pid: number;
  readonly since: number;
}

/** How long one that was told to stop may take before it counts as one that does not. */
const stopMs = 3000;

/** Those that are left and not known to be gone. Each keeps the place of its session. */
export class LeavingBackends {
  readonly #all = new Map<number, Leaving>();
  readonly #overdueMs: number | undefined;

  /** @param overdueMs behind a transaction pooler, which hides who is who: how old a query of ours can only be if it is stuck. */
  constructor(overdueMs: number | undefined) {
    this.#overdueMs = overdueMs;
  }

  get size(): number {
    return this.#all.size;
  }

  /** Those that have had the time to stop. */
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

  /** Asks the server, by another session, which of them it still has. */
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

/** A process id may have been given to another backend, which is younger. */
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
    `All ${stuck.length} connections that DB_MAX_CONCURRENT allows are taken by queries that PostgreSQL was told to stop and has not stopped: ${which}.`,
    {
      hint: 'Queries run again when one of them ends. pg_terminate_backend may not end it either; get_database_health shows whether it is still there.',
      retryable: true,
    },
  );
}
