import type { ApprovalRequest, OutgoingClaim } from '../../chat/vocabulary.ts';
import { figurePattern } from '../markdown/figures.ts';
import { fieldsOf } from './edit-arguments.ts';

/** The edits of a card with what the evidence says wherever the figure stands. */
export function withCorrection(
  request: ApprovalRequest,
  edits: ReadonlyMap<string, string>,
  { text, suggestion }: OutgoingClaim,
): ReadonlyMap<string, string> {
  const pattern = figurePattern([text]);
  if (suggestion === undefined || pattern === undefined) return edits;
  const next = new Map(edits);
  for (const { argument, text: original } of fieldsOf(request)) {
    if (argument === undefined || !suggestion.arguments.includes(argument)) continue;
    const before = edits.get(argument) ?? original;
    const after = before.replaceAll(new RegExp(pattern, 'gu'), () => suggestion.text);
    if (after !== before) next.set(argument, after);
  }
  return next;
}
