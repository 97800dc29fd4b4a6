import type { RunEvent } from './events.ts';

/** A write that was done and can still be taken back. */
export interface UndoableWrite {
  readonly callId: string;
  readonly tool: string;
  readonly title: string;
  /** `ENG-42`, or what the result said. */
  readonly what: string;
  /** What undoing does: "deletes the message". */
  readonly undo: string;
  /** The result, from which the calls are made. */
  readonly evidence: string;
}

/** The writes of a session that were not taken back yet, oldest first. */
export function undoableWrites(events: Iterable<RunEvent>): readonly UndoableWrite[] {
  const proposed = new Map<string, Pick<UndoableWrite, 'tool' | 'title'>>();
  const evidence = new Map<string, string>();
  const done = new Map<string, Pick<UndoableWrite, 'what' | 'undo'>>();
  let undoing: { readonly callId: string; readonly outcomes: string[] } | undefined;
  for (const event of events) {
    if (event.type === 'run-started')
      undoing = event.undoes === undefined ? undefined : { callId: event.undoes, outcomes: [] };
    if (event.type === 'tool-call-proposed') proposed.set(event.callId, { tool: event.tool, title: event.title });
    if (event.type === 'evidence-added') evidence.set(event.callId, event.evidence.id);
    if (event.type === 'tool-call-finished') {
      undoing?.outcomes.push(event.outcome);
      const what = event.link?.label ?? event.summary;
      if (event.undo !== undefined) done.set(event.callId, { what, undo: event.undo });
    }
    const isUndone = undoing !== undefined && undoing.outcomes.length > 0;
    if (event.type === 'run-finished' && isUndone && undoing?.outcomes.every((outcome) => outcome === 'ok') === true)
      done.delete(undoing.callId);
  }
  return [...done].flatMap(([callId, write]) => {
    const [call, id] = [proposed.get(callId), evidence.get(callId)];
    return call === undefined || id === undefined ? [] : [{ callId, ...call, ...write, evidence: id }];
  });
}
