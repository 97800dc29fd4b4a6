/** What can be mentioned in a prompt. `@` names data, tickets, people and code, `#` a channel, `/` a runbook. */
export type MentionKind = 'table' | 'column' | 'ticket' | 'person' | 'file' | 'symbol' | 'channel' | 'runbook';

export const triggers = ['@', '#', '/'] as const;

export type Trigger = (typeof triggers)[number];

/** A suggestion for the name that is being typed. */
export interface Completion {
  /** The host resolves it to a fact. */
  readonly id: string;
  readonly kind: MentionKind;
  readonly label: string;
  /** What tells it from others of the same name: `public, about 12,000 rows`. */
  readonly detail: string;
  /** Plain text that replaces what was typed, with its `@`, `#` or `/`. */
  readonly insert: string;
}

/** The name that is being typed at the caret. */
export interface TypedMention {
  readonly trigger: Trigger;
  /** Without the trigger. */
  readonly query: string;
  /** Where the trigger is. */
  readonly start: number;
  readonly end: number;
}

const maxQueryLength = 100;
/** Names of all scripts, with what joins their parts: `public.orders`, `src/tax.ts`, `ENG-12`. */
const typed = /(?<before>^|[\s([{"'])(?<trigger>[@#/])(?<query>[\p{L}\p{M}\p{N}_.$:/\\-]*)$/u;

/** A command stands at the beginning of the prompt, so that a path or a date in it opens nothing. */
export function mentionAt(text: string, caret: number): TypedMention | undefined {
  const { groups } = typed.exec(text.slice(0, caret)) ?? {};
  const query = groups?.['query'] ?? '';
  const trigger = triggers.find((each) => each === groups?.['trigger']);
  if (trigger === undefined || query.length > maxQueryLength) return undefined;
  const start = caret - query.length - 1;
  if (trigger === '/' && (text.slice(0, start).trim() !== '' || query.includes('/'))) return undefined;
  return { trigger, query, start, end: caret };
}

/** The text with the mention in place of what was typed, and where the caret belongs. */
export function complete(text: string, { start, end }: TypedMention, insert: string): { text: string; caret: number } {
  const rest = text.slice(end);
  const gap = /^\s/u.test(rest) ? '' : ' ';
  return { text: `${text.slice(0, start)}${insert}${gap}${rest}`, caret: start + insert.length + 1 };
}

/** Whether the prompt still has the mention, and not just a longer name that begins like it. */
export function mentions(text: string, insert: string): boolean {
  for (let at = text.indexOf(insert); at !== -1; at = text.indexOf(insert, at + 1)) {
    const next = text.slice(at + insert.length);
    if (!/^[\p{L}\p{M}\p{N}_$-]/u.test(next) && !/^[./\\:][\p{L}\p{N}_]/u.test(next)) return true;
  }
  return false;
}
