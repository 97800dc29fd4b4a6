import { removeOldest } from './context-removal.ts';
import type { Message, UserBlock } from '../model/model.ts';
import { evidenceNamed, shortWords, type CompactOptions } from './shorten.ts';

export interface Compacted {
  readonly messages: readonly Message[];
  /** Number of tool results shortened or removed. 0 means that nothing could be saved. */
  readonly shortened: number;
}

/** Shortening a shorter text saves nothing. */
const shortestCut = 600;
/** Characters kept of a longer text. */
const longestKeptText = 400;

/**
 * Shortens old tool results to their id if the evidence is still stored, otherwise to their first words. Tool calls
 * and messages stay, so that the conversation remains valid for the model. If it is still too long, the oldest
 * messages are removed, except for what the person wrote.
 */
export function compact(messages: readonly Message[], options: CompactOptions): Compacted {
  let shortened = 0;
  const boundary = messages.length - options.kept;
  const shorten = (block: UserBlock): UserBlock => {
    if (block.type !== 'tool-result') return block;
    const { images, ...rest } = block;
    const isLong = block.text.length > shortestCut;
    if (!isLong && images === undefined) return block;
    shortened += 1;
    const text = isLong ? shortText(block, options.isStored) : block.text;
    return { ...rest, text: images === undefined ? text : `${text}\n[Images were removed to save space.]` };
  };
  const short = messages.map((message, index): Message =>
    index >= boundary || message.role === 'assistant'
      ? message
      : { role: 'user', content: message.content.map(shorten) },
  );
  const rest = short.slice(0, Math.max(0, boundary));
  const removed = removeOldest(rest, options);
  if (removed === undefined) return { messages: short, shortened };
  return {
    messages: [...removed.messages, ...short.slice(Math.max(0, boundary))],
    shortened: shortened + removed.results,
  };
}

function shortText(
  { text, isError }: Extract<UserBlock, { type: 'tool-result' }>,
  isStored: CompactOptions['isStored'],
): string {
  const id = isError ? undefined : evidenceNamed(text);
  if (id !== undefined && isStored(id)) {
    const [head = ''] = text.split('\n', 1);
    return `${head.slice(0, longestKeptText)}\n[Removed to save space: read_evidence reads ${id}.]`;
  }
  return shortWords(text, longestKeptText);
}
