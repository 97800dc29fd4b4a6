import type { PolicyDecision } from '../../policy/policy.ts';
import type { ToolSpec } from '../../tools.ts';
import type { RunPorts } from '../ports.ts';

/**
 * The limit of a grant is that of the occasion, whose earlier attempts this process may not know.
 * @returns false if nothing is left: the grant is then used up, and the call is to be decided again.
 */
export async function takeUse(
  { callId, spec }: { readonly callId: string; readonly spec: ToolSpec },
  { grant }: PolicyDecision,
  { occasion, policy }: Pick<RunPorts, 'occasion' | 'policy'>,
): Promise<boolean> {
  const limit = grant?.grant.limit;
  if (occasion === undefined || grant === undefined || limit === undefined) return true;
  const key = occasion.keyOf({ callId, tool: spec.name });
  if (await occasion.take({ grantId: grant.id, limit, key })) return true;
  occasion.release({ callId, tool: spec.name });
  policy.useUp(grant.id, limit);
  return false;
}
