import type { RunEvent } from '../agent/events.ts';
import { safeJson } from '../sessions/safe-json.ts';
import type { Output } from './output.ts';

type RunFinished = Extract<RunEvent, { type: 'run-finished' }>;

/** One event per line, nothing else. Resolves with the end of the run. */
export async function renderJson(events: AsyncIterable<RunEvent>, stdout: Output): Promise<RunFinished | undefined> {
  let end: RunFinished | undefined;
  for await (const event of events) {
    stdout.write(`${safeJson(event)}\n`);
    if (event.type === 'run-finished') end = event;
  }
  return end;
}
