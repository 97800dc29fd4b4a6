import { canonicalJson } from '../../../../servers/contract/canonical-json.ts';
import { sha256Hex } from '../../../../servers/contract/sha256.ts';
import type { Arguments, ToolSpec } from '../../tools.ts';

/** Equal for the same call of the same session with the same approved arguments, however often it is sent. */
export function idempotencyKeyOf(session: string, callId: string, spec: ToolSpec, input: Arguments): string {
  return sha256Hex(canonicalJson({ session, callId, tool: spec.name, arguments: input }));
}
