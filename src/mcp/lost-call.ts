import type { CallOptions, ToolOutcome } from '../agent/tools.ts';
import { failureOutcome } from './call-result.ts';
import { changesSomething, type ListedTool } from './tool-specs.ts';

/**
 * A call that never reached the server may be sent again. Otherwise only a read on our own servers, or a write with a
 * key by which the server recognizes a repetition.
 */
export function maySendAgain(tool: ListedTool, options: CallOptions, sent: boolean): boolean {
  if (options.signal.aborted) return false;
  if (!sent) return true;
  if (!tool.spec.trusted) return false;
  if (!changesSomething(tool, options)) return true;
  return tool.spec.idempotent && options.idempotencyKey !== undefined;
}

/** @param sent whether any attempt may have reached the server. */
export function lostOutcome(tool: ListedTool, options: CallOptions, reason: string, sent: boolean): ToolOutcome {
  const { title } = tool.spec;
  if (!sent || !changesSomething(tool, options)) {
    return failureOutcome({ code: 'unreachable', message: `${title} got no response: ${reason}.`, retryable: true });
  }
  return failureOutcome({
    code: 'outcome_unknown',
    message: `${title} got no response: ${reason}. It may have been done.`,
    hint: 'Look at the destination before doing it again.',
    retryable: false,
  });
}
