import { textOfSession } from './history/session-text.ts';
import type { SessionContent } from './session-record.ts';

/** Whether a text occurs in the prompts, the answers, or the calls and their results, ignoring case. */
export function mentions(content: SessionContent, text: string): boolean {
  return textOfSession(content).toLowerCase().includes(text.toLowerCase());
}
