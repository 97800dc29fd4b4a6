import type { RunEnd } from '../events.ts';
import type { AssistantBlock } from '../model/model.ts';
import type { RunPorts, RunState } from './ports.ts';
import { shownName, type ToolFailure, type ToolSpec } from '../tools.ts';

export interface Ending {
  readonly reason: RunEnd;
  readonly message: string;
  readonly code?: string;
  readonly writeNotGranted?: boolean;
}

/** How a run ended once its writes are counted. One that was not completed says which of them were made. */
export function endingAfterWrites(ending: Ending, state: RunState): Ending {
  const ended = endingAfterDenials(ending, state);
  if (ended.reason === 'completed' || ended.reason === 'inconclusive' || state.doneWrites.length === 0) return ended;
  return { ...ended, message: `${ended.message} Already done: ${state.doneWrites.join(', ')}.` };
}

/** A run that was denied a write it needed is not completed, whatever the model says. */
function endingAfterDenials(ending: Ending, state: RunState): Ending {
  if (state.notGranted.size === 0) return endingAfterFailures(ending, state);
  const names = [...state.notGranted].join(', ');
  const denied = ending.reason === 'completed' || ending.reason === 'inconclusive';
  return {
    ...ending,
    reason: denied ? 'denied' : ending.reason,
    message: denied ? `Not allowed, so not done: ${names}.` : ending.message,
    writeNotGranted: true,
  };
}

/** A failed write is not done, however well the model explains it. */
function endingAfterFailures(ending: Ending, state: RunState): Ending {
  const [first] = state.failedWrites;
  if (first === undefined || (ending.reason !== 'completed' && ending.reason !== 'inconclusive')) return ending;
  const [tool, { code, message }] = first;
  return { reason: 'failed', message: `${tool} failed. ${message}`, code };
}

/** A run that stops early must not lose its findings. */
export function foundSoFar({ evidence }: RunPorts): string {
  const found = evidence.list().map(({ id, title }) => `${id} (${title})`);
  return found.length === 0 ? 'Nothing was found.' : `Found so far: ${found.join(', ')}.`;
}

export const contextFull: Ending = {
  reason: 'budget',
  message: "The conversation no longer fits the model's context, and nothing is left to shorten. Start a new session.",
};

/** A limit that nothing counts towards would not limit anything. */
export function limitUnenforceable(model: string, limit: string): Ending {
  const message =
    `The price of ${model} is not known, so the limit of ${limit} cannot be enforced. Set the model's price ` +
    '(budget.modelPrice, or SWITCHBOARD_MODEL_PRICE, such as 2/10: dollars per million input and output tokens), ' +
    'limit tokens instead, or remove the limit.';
  return { reason: 'failed', code: 'not_configured', message };
}

/** How a run ends after the model's last answer. */
export function conclude(content: readonly AssistantBlock[]): Ending {
  const text = content.map((block) => (block.type === 'text' ? block.text : '')).join('');
  const inconclusive = /^[\s*_#]*inconclusive\b/i.test(text);
  return inconclusive
    ? { reason: 'inconclusive', message: 'The cause could not be established.' }
    : { reason: 'completed', message: 'Done.' };
}

/** The effect of third-party tools is unknown: `click` counts as a write, and one that fails does not fail the job. */
export function noteFailedWrite(spec: ToolSpec, failed: ToolFailure, state: RunState): void {
  if (spec.risk !== 'read' && spec.trusted) state.failedWrites.set(shownName(spec), failed);
}
