import type { RunEnd } from '../events.ts';
import type { AssistantBlock } from '../model/model.ts';
import type { RunPorts, RunState } from './ports.ts';

export interface Ending {
  readonly reason: RunEnd;
  readonly message: string;
  readonly code?: string;
  readonly writeNotGranted?: boolean;
}

/** A run that needed a write and was not given it has not completed, whatever the model says. */
export function endingAfterWrites(ending: Ending, state: RunState): Ending {
  if (state.notGranted.size === 0) return endingAfterFailures(ending, state);
  const names = [...state.notGranted].join(', ');
  const denied = ending.reason === 'completed' || ending.reason === 'inconclusive';
  return {
    ...ending,
    reason: denied ? 'denied' : ending.reason,
    message: denied ? `Not allowed: ${names}. Nothing was sent by it.` : ending.message,
    writeNotGranted: true,
  };
}

/** A write that was tried and did not succeed is not done, however well the model explains it. */
function endingAfterFailures(ending: Ending, state: RunState): Ending {
  const [first] = state.failedWrites;
  if (first === undefined || (ending.reason !== 'completed' && ending.reason !== 'inconclusive')) return ending;
  const [tool, { code, message }] = first;
  return { reason: 'failed', message: `${tool} failed. ${message}`, code };
}

/** A run that is broken off must not take what it found along. */
export function foundSoFar({ evidence }: RunPorts): string {
  const found = evidence.list().map(({ id, title }) => `${id} (${title})`);
  return found.length === 0 ? 'Nothing was found by then.' : `Found so far: ${found.join(', ')}.`;
}

export const contextFull: Ending = {
  reason: 'budget',
  message: "The conversation no longer fits the model's context, and nothing is left to shorten. Start a new session.",
};

/** A limit that nothing counts towards would be no limit. */
export function limitUnheld(model: string, limit: string): Ending {
  const message =
    `The price of ${model} is not known, so the limit of ${limit} cannot be enforced. Set the model's price ` +
    '(budget.modelPrice, or SWITCHBOARD_MODEL_PRICE, such as 2/10: dollars per million input and output tokens), ' +
    'limit tokens instead, or remove the limit.';
  return { reason: 'failed', code: 'not_configured', message };
}

/** How a run ends whose model has given its last answer. */
export function conclude(content: readonly AssistantBlock[]): Ending {
  const text = content.map((block) => (block.type === 'text' ? block.text : '')).join('');
  const inconclusive = /^[\s*_#]*inconclusive\b/i.test(text);
  return inconclusive
    ? { reason: 'inconclusive', message: 'The cause could not be established.' }
    : { reason: 'completed', message: 'Done.' };
}
