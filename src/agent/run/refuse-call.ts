import { failure } from '../host-tools.ts';
import type { ToolCall, ToolOutcome, ToolSpec } from '../tools.ts';
import type { RunPorts, RunState } from './ports.ts';

/** Why a call may not even be prepared: the run is over, its limits are reached, or it was answered before. */
export function refuseCall(call: ToolCall, spec: ToolSpec, state: RunState, ports: RunPorts): ToolOutcome | undefined {
  if (ports.signal.aborted) return failure('cancelled', 'The run was cancelled before this call.');
  if (ports.budget.toolCallsLeft() <= 0) return failure('quota_exceeded', 'The run has used all its tool calls.');
  ports.budget.addToolCall();
  if (spec.risk !== 'read') return undefined;
  const spent = ports.budget.readsExhausted();
  if (spent !== undefined)
    return failure(
      'quota_exceeded',
      `The run has reached its limit for reading: ${spent}.`,
      'Answer with what you have.',
    );
  const repeated = state.repeats.refuse(call.id, spec, call.arguments);
  if (repeated === undefined) return undefined;
  return failure(
    'not_allowed',
    repeated,
    'Use that result (read_evidence shows it again), make a different call, or give your answer.',
  );
}
