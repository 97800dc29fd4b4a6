import type { Preview } from '../../../servers/contract/preview.ts';
import { expandPlaceholders } from '../evidence/placeholders.ts';
import type { AssistantBlock } from '../model/model.ts';
import type { Arguments, ToolCall } from '../tools.ts';
import { clearCall, type Cleared } from './clear-call.ts';
import { withPending, type PendingResult } from './pending/pending-results.ts';
import type { RunPorts, RunState } from './ports.ts';

/** Clears the calls of one turn, in the order in which they will run. */
export interface WriteBatch {
  readonly clear: (call: ToolCall) => Promise<Cleared>;
}

/**
 * Asks about all writes of one turn at once, so that a person sees the whole plan. They still run one after the other.
 * A write that needs the key of a ticket before it is shown with a stand-in for the key. One that needs more of an
 * earlier result is asked about when that result is there.
 */
export function createWriteBatch(
  calls: readonly Extract<AssistantBlock, { type: 'tool-call' }>[],
  state: RunState,
  ports: RunPorts,
): WriteBatch {
  const writes = calls.flatMap(({ id, name, input }): readonly ToolCall[] => {
    const { risk = 'read' } = state.specs.get(name) ?? {};
    return risk === 'read' || input.kind === 'broken' ? [] : [{ id, name, arguments: input.value }];
  });
  const [first] = writes;
  if (first === undefined || writes.length === 1 || ports.ask === undefined || ports.asksSingly === true)
    return { clear: (call) => clearCall(call, state, ports) };

  const asked = new Map<string, Promise<Cleared>>();
  const pending: PendingResult[] = [];
  const evidenceIds = idsToCome(calls, state, ports);
  const placeOf = (id: string) => {
    const index = writes.findIndex((write) => write.id === id);
    return index === -1 ? undefined : { id: first.id, index: index + 1, count: writes.length };
  };
  const ask = (call: ToolCall, waitsFor?: readonly PendingResult[]): Promise<Cleared> => {
    const onPreview = (preview: Preview | undefined, input: Arguments): void => note(call, preview, input);
    const cleared = clearCall(call, state, ports, { batch: placeOf(call.id), pending: waitsFor, onPreview });
    asked.set(call.id, cleared);
    // Waiting callers get the error. A run that ends earlier does not.
    cleared.catch(() => undefined);
    return cleared;
  };
  const isReady = ({ name, arguments: input }: ToolCall, evidence = ports.evidence): boolean =>
    expandPlaceholders(input, evidence, state.specs.get(name)?.plainName).kind === 'expanded';
  /** Once a preview says what its result will hold, writes that need only that are asked about. */
  const note = ({ id, name }: ToolCall, preview: Preview | undefined, input: Arguments): void => {
    const [spec, evidenceId] = [state.specs.get(name), evidenceIds.get(id)];
    if (spec?.trusted !== true || evidenceId === undefined || preview?.willGive === undefined) return;
    if (pending.some(({ callId }) => callId === id)) return;
    pending.push({ callId: id, spec, arguments: input, evidenceId, willGive: preview.willGive });
    const known = withPending(ports.evidence, pending);
    const after = writes.slice(writes.findIndex((write) => write.id === id) + 1);
    for (const write of after) if (!asked.has(write.id) && isReady(write, known)) void ask(write, [...pending]);
  };
  return {
    clear: (call) => {
      if (call.id === first.id) for (const write of writes) if (write === first || isReady(write)) void ask(write);
      return asked.get(call.id) ?? ask(call);
    },
  };
}

/** The evidence that each call of the turn will become if all succeed: results are numbered in the order of the calls. */
function idsToCome(
  calls: readonly Extract<AssistantBlock, { type: 'tool-call' }>[],
  state: RunState,
  { evidence }: RunPorts,
): ReadonlyMap<string, string> {
  const last = Number(evidence.list().at(-1)?.id.slice(1) ?? 0);
  const counted = calls.filter(({ name }) => state.specs.has(name));
  return new Map(counted.map(({ id }, at) => [id, `E${last + at + 1}`]));
}
