import { approvedBytes } from '../../../../servers/contract/approved-bytes.ts';
import type { Preview } from '../../../../servers/contract/preview.ts';
import { expandPlaceholders } from '../../evidence/placeholders.ts';
import { failure } from '../../host-tools.ts';
import { clearWrite, type ClearedWrite, type WriteCall } from '../approve-write.ts';
import { fits, isFilledIn, type PendingResult } from './pending-results.ts';
import type { RunPorts, RunState } from '../ports.ts';
import { previewWrite } from './preview-write.ts';

type Approved = Extract<ClearedWrite, { kind: 'cleared' }>;

/**
 * Turns an approval of a text with stand-ins into one of the text that is sent. What was approved is the text and how it
 * is filled in: with the results of exactly these writes, a number for each `NEW`, and nothing else different in what
 * the server would send. Anything else is asked again, and so is what could not be shown before.
 */
export async function fillIn(
  write: WriteCall,
  approved: Approved | undefined,
  pending: readonly PendingResult[],
  state: RunState,
  ports: RunPorts,
): Promise<ClearedWrite> {
  const draft = approved?.draft ?? write.draft;
  const expansion = expandPlaceholders(draft, ports.evidence, write.spec.plainName);
  if (expansion.kind === 'unknown')
    return { kind: 'refused', outcome: 'failed', failure: failure('invalid_arguments', expansion.message) };
  const filled: WriteCall = { ...write, draft, arguments: expansion.arguments, pending: undefined };
  if (approved === undefined) return clearWrite(filled, state, ports);
  const used = pending.filter(({ evidenceId }) => expansion.used.some(({ id }) => id === evidenceId));
  const values = new Map(used.map(({ evidenceId }) => [evidenceId, ports.evidence.get(evidenceId)?.value ?? {}]));
  const isTheirs = used.every((result) => {
    const { evidenceId, callId } = result;
    return state.evidenceOf.get(callId) === evidenceId && fits(result, values.get(evidenceId) ?? {});
  });
  const previewed = isTheirs ? await previewWrite(write.spec, expansion.arguments, state, ports) : undefined;
  const preview: Preview | undefined = previewed?.kind === 'previewed' ? previewed.preview : undefined;
  if (preview === undefined || approved.preview === undefined || !isFilledIn(approved.preview, preview, used, values))
    return clearWrite({ ...filled, again: 'What is sent differs from what you approved.' }, state, ports);
  const { verdict, grantId } = approved;
  const { approval } = verdict;
  const named = [...values.values()].flatMap(({ issue_key: key }) => (typeof key === 'string' ? [key] : []));
  const settled = {
    ...verdict,
    reasons: [...verdict.reasons, `Filled in: ${named.join(', ')}.`],
    ...(approval !== undefined && { approval: { ...approval, sha256: approvedBytes(preview) } }),
  };
  const { callId, spec } = write;
  const kept = { callId, tool: spec.name, plainName: spec.plainName, grantId };
  await ports.cleared.keep({ ...kept, arguments: expansion.arguments, verdict: settled });
  return { ...approved, arguments: expansion.arguments, preview, verdict: settled };
}
