import type { AuditBody } from '../audit/record.ts';

/** What of an audit record is in columns of its own, to search by. */
export function columnsOf({ time, tool, actor, session, run }: AuditBody): {
  time: string;
  tool: string | null;
  actor: string | null;
  session: string | null;
  run: string | null;
} {
  return { time, tool: plain(tool), actor: plain(actor), session: plain(session), run: plain(run) };
}

/** PostgreSQL's text cannot contain NUL or half a surrogate pair, but a caller may send both. */
function plain(text: string | undefined): string | null {
  return text === undefined ? null : text.toWellFormed().replaceAll('\0', '\u{fffd}');
}
