import type { RunEvent } from '../agent/events.ts';
import type { Output } from './screen.ts';

type RunFinished = Extract<RunEvent, { type: 'run-finished' }>;

// Legal within JSON text, but a terminal obeys the first of them and people are misled by the others.
// oxlint-disable-next-line no-control-regex -- these are what it is about
const treacherous = /[\u007F-\u009F\u200B-\u200F\u2028-\u202E\u2060-\u206F\uFEFF]/g;

/** One event a line, nothing else. Resolves with the end of the run. */
export async function renderJson(events: AsyncIterable<RunEvent>, stdout: Output): Promise<RunFinished | undefined> {
  let end: RunFinished | undefined;
  for await (const event of events) {
    stdout.write(`${JSON.stringify(event).replaceAll(treacherous, escape)}\n`);
    if (event.type === 'run-finished') end = event;
  }
  return end;
}

function escape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
