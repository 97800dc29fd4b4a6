import { createEvidenceStore } from '../../agent/evidence/store.ts';
import { Session } from '../../sessions/session.ts';
import type { SessionLog } from '../../sessions/session-log.ts';
import { parseSessionFile } from '../../sessions/session-record.ts';
import { SessionError, type SessionStore } from '../../sessions/session-store.ts';
import type { StateDatabase } from '../../../servers/kit/state/database.ts';

interface Stored {
  readonly bytes: Buffer;
  /** Of the last line. */
  readonly sequence: number;
}

/**
 * Sessions of occasions, in the state database: the lines of a session file, one a row. Whoever holds the occasion
 * writes them. A holder that was replaced cannot add a line, so its run ends.
 * @param holder this process, as in the claims of its occasions.
 */
export function createSharedSessions({ query }: Pick<StateDatabase, 'query'>, holder: string): SessionStore {
  /** Nothing is stored of one whose occasion has not run. */
  const readStored = async (id: string): Promise<Stored> => {
    const known = await query('select id from switchboard.occasion where session = $1', [id]);
    if (known.length === 0) throw new SessionError(`There is no session ${id}.`);
    const rows = await query<{ sequence: number; line: string }>(
      'select sequence, line from switchboard.session_line where session = $1 order by sequence',
      [id],
    );
    return {
      bytes: Buffer.from(rows.map(({ line }) => `${line}\n`).join('')),
      sequence: rows.at(-1)?.sequence ?? 0,
    };
  };
  const contentOf = async (id: string) => {
    return parseSessionFile(id, (await readStored(id)).bytes).content;
  };
  return {
    create: () => Promise.reject(new SessionError('A session in the state database belongs to an occasion.')),
    open: async (id) => {
      const { bytes, sequence } = await readStored(id);
      // No shelf: another process may have to go on with what would be there.
      const places = { log: createSharedLog(query, { id, holder, sequence }), shelf: undefined };
      return new Session(parseSessionFile(id, bytes).content, places, { release: () => Promise.resolve() });
    },
    read: contentOf,
    evidence: async (id) => createEvidenceStore({ records: (await contentOf(id)).evidence }),
    list: () => Promise.resolve([]),
    branch: () => Promise.reject(new SessionError('A session in the state database cannot be copied.')),
    remove: () => Promise.reject(new SessionError('Sessions in the state database are removed by its retention.')),
  };
}

function createSharedLog(
  query: StateDatabase['query'],
  { id, holder, sequence }: { readonly id: string; readonly holder: string; readonly sequence: number },
): SessionLog {
  let last = sequence;
  return {
    name: `${id} in the state database`,
    append: async (text) => {
      const lines = text.split('\n').slice(0, -1);
      const added = await query(
        `insert into switchboard.session_line (session, sequence, line)
         select occasion.session, $3 + item.place, item.line
         from switchboard.occasion, unnest($4::text[]) with ordinality as item (line, place)
         where occasion.session = $1 and occasion.holder = $2 and occasion.state = 'running'
         returning sequence`,
        [id, holder, last, lines],
      );
      if (added.length < lines.length) throw new Error('another process has taken over');
      last += lines.length;
    },
    // A statement that has returned is durable.
    sync: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };
}
