import type { RunEvent } from '../../agent/events.ts';
import type { SessionContent } from '../session-record.ts';

/**
 * Everything in a session that a person may look for: prompts, answers, calls with their arguments and outcomes, and
 * the texts in results, each once.
 */
export function textOfSession({ title, events }: Pick<SessionContent, 'title' | 'events'>): string {
  const lines: string[] = [title];
  const seen = new Set<string>([title]);
  let answer = '';
  const add = (text: string): void => {
    if (text === '' || seen.has(text)) return;
    seen.add(text);
    lines.push(text);
  };
  for (const { event } of events) {
    if (event.type === 'text-delta') {
      answer += event.text;
      continue;
    }
    // A turn that starts again repeats what it said so far.
    if (event.type !== 'turn-restarted') add(answer);
    answer = '';
    for (const text of wordsOf(event)) add(text);
  }
  add(answer);
  return lines.join('\n');
}

function wordsOf(event: RunEvent): readonly string[] {
  switch (event.type) {
    case 'run-started':
      return [event.prompt, event.runbook?.name ?? ''];
    case 'tool-call-proposed':
      return [event.title, event.tool, ...textsIn(event.arguments)];
    case 'tool-call-started':
      return textsIn(event.arguments);
    case 'tool-call-finished':
      return [event.summary, event.link?.label ?? ''];
    case 'evidence-added':
      return [event.evidence.columns.map(({ name }) => name).join(' '), ...textsIn(event.evidence.rows)];
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
