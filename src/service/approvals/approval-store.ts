import type { ApprovalRequest } from '../../agent/approval.ts';
import type { StateDatabase } from '../../../servers/kit/state/database.ts';
import { createWatch, type Watch } from './watch.ts';
import { digestOf, readRow, writeRequest, type Person, type Place, type WaitingWrite } from './waiting-write.ts';

export interface NewWaitingWrite {
  readonly session: string;
  readonly run: string;
  readonly title: string;
  readonly request: ApprovalRequest;
  readonly people: readonly Person[];
  readonly place: string;
  readonly expiresMs: number;
}

export interface Answer {
  readonly id: string;
  readonly decision: 'approved' | 'denied';
  readonly person: Person;
  readonly from: Place;
  /** The hash of what this person was shown. */
  readonly digest: string;
  /** Of the message whose button was pressed. Undefined where a login says who answers. */
  readonly nonce: string | undefined;
}

/** Approvals of writes in the state database. Each is answered once. */
export interface ApprovalStore {
  /** Replaces what is still waiting for the same call. */
  readonly add: (write: NewWaitingWrite) => Promise<void>;
  readonly find: (id: string) => Promise<WaitingWrite | undefined>;
  /** The newest of a call. */
  readonly findOfCall: (session: string, callId: string) => Promise<WaitingWrite | undefined>;
  readonly ofSession: (session: string) => Promise<readonly WaitingWrite[]>;
  /** Those that wait for an answer, oldest first. */
  readonly waiting: () => Promise<readonly WaitingWrite[]>;
  /**
   * The first answer counts. One statement, so that of two people exactly one wins.
   * @returns undefined if it was not this one; `find` says why.
   */
  readonly answer: (answer: Answer) => Promise<WaitingWrite | undefined>;
  /** Whether all that a session waited for is answered, so that it can be resumed. */
  readonly isAnswered: (session: string) => Promise<boolean>;
  readonly watch: Watch;
  readonly close: () => Promise<void>;
}

/** Expired is what nobody answered in time: no process has to be there when time is up. */
const state = `case when a.state = 'waiting' and a.expires <= clock_timestamp() then 'expired' else a.state end as state`;
/** Of `switchboard.approval a`. */
export const approvalColumns = `a.id::text, a.session, a.run, a.title, a.request, a.digest, a.people, a.place, a.created, a.expires, ${state},
  a.answered, a.answered_by, a.answered_from, a.answered_digest, a.channel, a.message, a.nonce::text`;

export function createApprovalStore(database: StateDatabase, log: Parameters<typeof createWatch>[1]): ApprovalStore {
  const watch = createWatch(database, log);
  const select = async (condition: string, values: readonly unknown[]): Promise<readonly WaitingWrite[]> => {
    const rows = await database.query(
      `select ${approvalColumns} from switchboard.approval a where ${condition}`,
      values,
    );
    return rows.map(readRow);
  };
  return {
    watch,
    add: async (write) => {
      await add(write, database);
      watch.tell('added');
    },
    find: async (id) => (isId(id) ? (await select('a.id = $1', [id]))[0] : undefined),
    findOfCall: async (session, call) =>
      (await select('a.session = $1 and a.call = $2 order by a.created desc limit 1', [session, call]))[0],
    ofSession: (session) => select('a.session = $1 order by a.created', [session]),
    waiting: () => select(`a.state = 'waiting' and a.expires > clock_timestamp() order by a.created limit 100`, []),
    answer: async ({ id, decision, person, from, digest, nonce }) => {
      if (!isId(id) || (nonce !== undefined && !isId(nonce))) return undefined;
      const rows = await database.query(
        `update switchboard.approval a
         set state = $2, answered = clock_timestamp(), answered_by = $3, answered_from = $4, answered_digest = $5
         where a.id = $1 and a.state = 'waiting' and a.expires > clock_timestamp() and a.digest = $5
           and ($6::uuid is null or a.nonce = $6::uuid) and a.people @> $7::jsonb
         returning ${approvalColumns}`,
        [id, decision, `${person.name} (${person.slack})`, from, digest, nonce ?? null, JSON.stringify([person])],
      );
      if (rows[0] === undefined) return undefined;
      watch.tell(id);
      return readRow(rows[0]);
    },
    isAnswered: async (session) => {
      const [row] = await database.query<{ answered: boolean }>(
        `select coalesce(bool_and(state <> 'waiting'), false) as answered from switchboard.approval where session = $1`,
        [session],
      );
      return row?.answered === true;
    },
    close: watch.close,
  };
}

async function add(write: NewWaitingWrite, database: StateDatabase): Promise<void> {
  const { session, run, title, request, people, place, expiresMs } = write;
  const stored = [writeRequest(request), digestOf(request), JSON.stringify(people), place, expiresMs];
  await database.query(
    `with withdrawn as (
       update switchboard.approval set state = 'withdrawn' where session = $2 and call = $4 and state = 'waiting')
     insert into switchboard.approval (id, session, run, call, title, request, digest, people, place, expires)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, clock_timestamp() + $10 * interval '1 millisecond')`,
    [request.id, session, run, request.callId, plain(title), ...stored],
  );
}

/** PostgreSQL's text cannot contain NUL. JSON escapes it. */
function plain(text: string): string {
  return text.toWellFormed().replaceAll('\0', '\u{fffd}').slice(0, 300);
}

function isId(text: string): boolean {
  return /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/u.test(text);
}
