import { randomBytes } from 'node:crypto';
import type { Occasion } from '../../agent/run/sending/occasion-writes.ts';
import { newSessionId } from '../../sessions/session-store.ts';
import type { StateDatabase } from '../../../servers/kit/state/database.ts';
import { readRow, type OccasionOptions, type OccasionRow } from './occasion-row.ts';

export type { OccasionRow } from './occasion-row.ts';

export interface NewOccasion {
  /** Unique: a scheduled time, an incident. */
  readonly name: string;
  readonly runbook: string;
  readonly parameters: Readonly<Record<string, string | number | boolean>>;
  /** Who or what asked: `alertmanager (payments-alerts)`. */
  readonly source: string;
  /** Where the end is told: the response URL of a Slack command. */
  readonly reply?: string | undefined;
  readonly options?: OccasionOptions | undefined;
}

export type Claim =
  | { readonly kind: 'ours'; readonly row: OccasionRow }
  /** Another process works on it. */
  | { readonly kind: 'busy'; readonly row: OccasionRow }
  | { readonly kind: 'over'; readonly row: OccasionRow };

export interface Ending {
  readonly state: 'queued' | 'waiting' | 'ended';
  readonly reason: string;
  readonly exitCode: number;
  readonly message: string;
  /** False: the attempt was broken off through no fault of its own. */
  readonly isCounted?: boolean | undefined;
}

/** Occasions in the state database, of which this process claims one at a time for each run. */
export interface OccasionStore {
  /** @returns the row of that name, and whether it is new. */
  readonly add: (occasion: NewOccasion) => Promise<{ readonly row: OccasionRow; readonly isNew: boolean }>;
  readonly find: (id: string) => Promise<OccasionRow | undefined>;
  readonly findByName: (name: string) => Promise<OccasionRow | undefined>;
  /**
   * The newest of this runbook, under names that begin so, that has one of these parts. It has all of them from then on.
   */
  readonly findByParts: (
    of: Pick<OccasionRow, 'runbook'> & { readonly prefix: string; readonly parts: readonly string[] },
  ) => Promise<OccasionRow | undefined>;
  readonly findBySession: (session: string) => Promise<OccasionRow | undefined>;
  /**
   * Takes an occasion that nobody works on. A holder that was silent for the lease counts as dead.
   * @param repeat also one that has ended without success.
   */
  readonly claim: (id: string, options: { readonly repeat: boolean }) => Promise<Claim>;
  /** @returns false if another process has taken over. */
  readonly touch: (id: string) => Promise<boolean>;
  /** Does nothing if another process has taken over. */
  readonly end: (id: string, ending: Ending) => Promise<boolean>;
  /**
   * Those that wait for a worker, or whose worker is silent, oldest first; and those whose questions are all answered,
   * because whoever took the last answer may have been too early, or died.
   */
  readonly stranded: () => Promise<readonly OccasionRow[]>;
  /** How many of this runbook were added in the last hour. */
  readonly countLastHour: (runbook: string) => Promise<number>;
  /** What runs and servers know of it. */
  readonly occasionOf: (row: OccasionRow) => Occasion;
}

/** A holder touches its occasion every third of it. */
export const leaseMs = 15_000;

/** @param holder this process. */
export function createOccasionStore({ query }: Pick<StateDatabase, 'query'>, holder: string): OccasionStore {
  const rows: Rows = async (sql, values) => (await query(sql, values)).map(readRow);
  const one = async (sql: string, values: readonly unknown[]): Promise<OccasionRow | undefined> =>
    (await rows(sql, values))[0];
  const find = (id: string) => one('select * from switchboard.occasion where id = $1', [id]);
  const findByName = (name: string) => one('select * from switchboard.occasion where name = $1', [name]);
  return {
    add: async ({ name, runbook, parameters, source, reply, options = {} }) => {
      const row = await one(
        `insert into switchboard.occasion (id, name, runbook, parameters, source, session, state, reply, options)
         values ($1, $2, $3, $4, $5, $6, 'queued', $7, $8) on conflict (name) do nothing returning *`,
        [
          newId(),
          name,
          runbook,
          JSON.stringify(parameters),
          source,
          newSessionId(),
          reply ?? null,
          JSON.stringify(options),
        ],
      );
      if (row !== undefined) return { row, isNew: true };
      const known = await findByName(name);
      if (known === undefined) throw new Error(`The occasion ${name} is gone.`);
      return { row: known, isNew: false };
    },
    find,
    findByName,
    findByParts: findByParts(rows),
    findBySession: (session) => one('select * from switchboard.occasion where session = $1', [session]),
    ...createClaims(rows, find, holder),
    stranded: () =>
      rows(
        `select * from switchboard.occasion o
         where touched < clock_timestamp() - $1::float8 * interval '1 millisecond'
           and (state in ('queued', 'running') or (state = 'waiting' and (
             select bool_and(a.state <> 'waiting') from switchboard.approval a where a.session = o.session)))
         order by created limit 100`,
        [leaseMs * 2],
      ),
    countLastHour: async (runbook) => {
      const [row] = await query<{ count: number }>(
        `select count(*)::integer as count from switchboard.occasion
         where runbook = $1 and created > clock_timestamp() - interval '1 hour'`,
        [runbook],
      );
      return row?.count ?? 0;
    },
    occasionOf: ({ id, name }) => ({ name, take: (use) => take(query, id, use) }),
  };
}

type Rows = (sql: string, values: readonly unknown[]) => Promise<readonly OccasionRow[]>;

function createClaims(
  rows: Rows,
  find: OccasionStore['find'],
  holder: string,
): Pick<OccasionStore, 'claim' | 'touch' | 'end'> {
  return {
    claim: async (id, { repeat }) => {
      const [row] = await rows(
        `update switchboard.occasion
         set state = 'running', holder = $2, touched = clock_timestamp(), attempts = attempts + 1,
           started = coalesce(started, clock_timestamp()), ended = null, reason = null, exit_code = null, message = null
         where id = $1 and (state in ('queued', 'waiting')
           or (state = 'running' and touched < clock_timestamp() - $3::float8 * interval '1 millisecond')
           or (state = 'ended' and exit_code <> 0 and $4))
         returning *`,
        [id, holder, leaseMs, repeat],
      );
      if (row !== undefined) return { kind: 'ours', row };
      const other = await find(id);
      if (other === undefined) throw new Error(`There is no occasion ${id}.`);
      return { kind: other.state === 'ended' ? 'over' : 'busy', row: other };
    },
    touch: async (id) => {
      const touched = await rows(
        `update switchboard.occasion set touched = clock_timestamp()
         where id = $1 and holder = $2 and state = 'running' returning *`,
        [id, holder],
      );
      return touched.length > 0;
    },
    end: async (id, { state, reason, exitCode, message, isCounted = true }) => {
      const ended = await rows(
        `update switchboard.occasion
         set state = $3, reason = $4, exit_code = $5, message = $6, touched = clock_timestamp(),
           attempts = attempts - case when $7 then 0 else 1 end,
           ended = case when $3 = 'ended' then clock_timestamp() end
         where id = $1 and holder = $2 and state = 'running' returning *`,
        [id, holder, state, reason, exitCode, message.toWellFormed().replaceAll('\0', '\u{fffd}'), isCounted],
      );
      return ended.length > 0;
    },
  };
}

function findByParts(rows: Rows): OccasionStore['findByParts'] {
  return async ({ runbook, prefix, parts }) => {
    const [row] = await rows(
      `update switchboard.occasion o set options = jsonb_set(o.options::jsonb, '{parts}', (
         select jsonb_agg(distinct part)
         from jsonb_array_elements_text(o.options::jsonb->'parts' || to_jsonb($3::text[])) as part))::text
       where o.id = (
         select id from switchboard.occasion
         where runbook = $1 and starts_with(name, $2) and options::jsonb->'parts' ?| $3::text[]
         order by created desc limit 1)
       returning *`,
      [runbook, prefix, parts],
    );
    return row;
  };
}

/**
 * Counting and taking are one update of the row, so that two attempts cannot both take the last one: who waits for the
 * row's lock sees it as it is then. Rows of a table of their own would be seen as they were before.
 */
async function take(
  query: StateDatabase['query'],
  id: string,
  { grantId, limit, key }: Parameters<Occasion['take']>[0],
): Promise<boolean> {
  const taken = await query(
    `update switchboard.occasion
     set uses = case when $3 = any(uses) then uses else uses || $3::text end
     where id = $1 and ($3 = any(uses)
       or (select count(*) from unnest(uses) as used where starts_with(used, $2)) < $4)
     returning id`,
    [id, `${grantId} `, `${grantId} ${key}`, limit],
  );
  return taken.length > 0;
}

/** Part of addresses that are sent to people, so it cannot be guessed. */
function newId(): string {
  return randomBytes(16).toString('base64url');
}
