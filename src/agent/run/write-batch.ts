import { expandPlaceholders } from '../evidence/placeholders.ts';
import type { AssistantBlock } from '../model/model.ts';
import type { ToolCall } from '../tools.ts';
import { clearCall, type Cleared } from './clear-call.ts';
import type { RunPorts, RunState } from './ports.ts';

/** Clears the calls of one turn, in the order in which they will run. */
export interface WriteBatch {
  readonly clear: (call: ToolCall) => Promise<Cleared>;
}

/**
 * Asks about all writes of one turn at once, so that a person sees the whole plan. They still run one after the other.
 * A write that refers to the result of one before it is asked about when that result is there.
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
  if (first === undefined || writes.length === 1 || ports.ask === undefined)
    return { clear: (call) => clearCall(call, state, ports) };

  const asked = new Map<string, Promise<Cleared>>();
  const placeOf = (id: string) => {
    const index = writes.findIndex((write) => write.id === id);
    return index === -1 ? undefined : { id: first.id, index: index + 1, count: writes.length };
  };
  const ask = (call: ToolCall): Promise<Cleared> => {
    const cleared = clearCall(call, state, ports, placeOf(call.id));
    asked.set(call.id, cleared);
    // Waiting callers get the error. A run that ends earlier does not.
    cleared.catch(() => undefined);
    return cleared;
  };
  const isReady = ({ name, arguments: input }: ToolCall): boolean =>
    expandPlaceholders(input, ports.evidence, state.specs.get(name)?.plainName).kind === 'expanded';
  return {
    clear: (call) => {
      if (call.id === first.id) for (const write of writes) if (write === first || isReady(write)) void ask(write);
      return asked.get(call.id) ?? ask(call);
    },
  };
}
