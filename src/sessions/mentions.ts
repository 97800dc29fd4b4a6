import type { RunEvent } from '../agent/events.ts';
import type { SessionContent } from './session-record.ts';

/** Whether a text occurs in the prompts, the answers, or the calls and their results, ignoring case. */
export function mentions({ title, events }: SessionContent, text: string): boolean {
  const wanted = text.toLowerCase();
  const answers = events.map(({ event }) => (event.type === 'text-delta' ? event.text : '\n')).join('');
  const others = events.flatMap(({ event }) => wordsOf(event));
  return [title, answers, ...others].some((words) => words.toLowerCase().includes(wanted));
}

function wordsOf(event: RunEvent): readonly string[] {
  switch (event.type) {
    case 'run-started':
      return [event.prompt, event.runbook?.name ?? ''];
    case 'tool-call-proposed':
      return [event.title, event.tool, ...textsIn(event.arguments)];
    case 'tool-call-finished':
      return [event.summary, event.link?.label ?? ''];
    case 'run-finished':
      return [event.message];
    default:
      return [];
  }
}

function textsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}
