import type { Answerer } from '../../approval.ts';
import type { RunPorts } from '../ports.ts';
import type { ToolSpec } from '../../tools.ts';

/**
 * Nobody has answered an approval yet, so the run stops before the results of its turn are recorded: when it is resumed,
 * the same calls are made again. The message says what is waiting, for whom and how long.
 */
export class Unanswered extends Error {
  override readonly name = 'Unanswered';
}

/** Of a run with no person at its desk, the policy says which writes others are asked about. */
export function canAsk(spec: ToolSpec, { ask, isAsked }: Pick<RunPorts, 'ask' | 'isAsked'>): boolean {
  return ask !== undefined && (isAsked === undefined || isAsked(spec));
}

/** Empty for the person at this desk. */
export function byWhom(by: Answerer | undefined): string {
  return by === undefined ? '' : ` By ${by.who}, ${by.from}.`;
}
