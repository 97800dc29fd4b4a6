import type { ApprovalRequest, EditCheck } from '../approval.ts';
import { claimsOfCall } from '../claims/claims-of-call.ts';
import { expandRevision } from '../evidence/placeholders.ts';
import type { Arguments, ToolSpec } from '../tools.ts';
import type { RunPorts, RunState } from './ports.ts';

/** A person's own text may contain references too. An invalid one must not lose the card. */
export function revised(before: Arguments, after: Arguments, spec: ToolSpec, ports: RunPorts): Arguments {
  const expansion = expandRevision(before, after, ports.evidence, spec.plainName);
  return expansion.kind === 'expanded' ? expansion.arguments : after;
}

/** What the user did not edit stays as written. The rest is the user's text. */
export function draftOf(revised: Arguments, before: Arguments, draft: Arguments): Arguments {
  return Object.fromEntries(
    Object.entries(revised).map(([name, value]) => [name, isSame(value, before[name]) ? draft[name] : value]),
  );
}

/** Arguments worth editing as written. Data with double braces would become a reference, so it is edited as it is. */
export function shownDraft(draft: Arguments, input: Arguments): Arguments | undefined {
  const shown = Object.entries(draft).filter(
    ([name, value]) => !isSame(value, input[name]) && !JSON.stringify(input[name] ?? '').includes('{{'),
  );
  return shown.length === 0 ? undefined : Object.fromEntries(shown);
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** The edit as `clearWrite` would see it, without asking the server for a preview. */
export function checkEdit(
  edited: Arguments,
  { tool, arguments: before }: ApprovalRequest,
  state: RunState,
  ports: RunPorts,
): EditCheck {
  const expansion = expandRevision(before, edited, ports.evidence, tool.plainName);
  if (expansion.kind === 'unknown') return { claims: [], problem: expansion.message };
  const claims = claimsOfCall(tool, expansion.arguments, ports.evidence, state.trustedTexts);
  return { claims, problem: undefined };
}
