import { undoCalls } from '../../agent/undo.ts';
import { undoableWrites, type UndoableWrite } from '../../agent/undoable.ts';
import { createSessionStore } from '../../sessions/session-store.ts';
import type { StartRequest } from '../../switchboard.ts';
import { UsageError } from '../exit-codes.ts';
import { renderRows } from '../format-rows.ts';

/** A run that takes back one write of a session. */
export type UndoJob = Pick<StartRequest, 'prompt' | 'runbook' | 'calls' | 'undoes'> & { readonly session: string };

/**
 * What a person asked to take back, as a run, or the list to choose from.
 * @param id of a session; the newest if undefined. @param which number in the list. @throws UsageError, SessionError
 */
export async function readUndo(
  sessionsFolder: string,
  id: string | undefined,
  which: string | undefined,
): Promise<UndoJob | { readonly list: string }> {
  const store = createSessionStore(sessionsFolder);
  const session = id ?? (await store.list())[0]?.id;
  if (session === undefined) throw new UsageError('There is no session yet.');
  const { events } = await store.read(session);
  const writes = undoableWrites(events.map(({ event }) => event));
  if (which === undefined) return { list: listOf(session, writes) };
  const write = /^\d{1,4}$/.test(which) ? writes[Number(which) - 1] : undefined;
  if (write === undefined)
    throw new UsageError(
      writes.length === 0
        ? `Nothing in ${session} can be undone.`
        : `There is no number ${which}: 1 to ${writes.length} (switchboard undo ${session}).`,
    );
  const result = (await store.evidence(session)).get(write.evidence)?.value;
  const calls = undoCalls(write.tool, result);
  if (calls.length === 0) throw new UsageError(`${write.title} (${write.what}) cannot be undone from here.`);
  return {
    session,
    prompt: `Undo: ${write.title} (${write.what})`,
    runbook: undefined,
    calls,
    undoes: write.callId,
  };
}

function listOf(session: string, writes: readonly UndoableWrite[]): string {
  if (writes.length === 0) return `Nothing in ${session} can be undone.\n`;
  const rows = writes.map(({ title, what, undo }, at) => [String(at + 1), title, what, undo]);
  return renderRows(['number', 'write', 'what', 'undo'], rows, 'text');
}
