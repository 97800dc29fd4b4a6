import type { Message, UserBlock } from './model.ts';

/** Messages at the end that are never shortened: the model is working on them. */
const keptMessages = 6;
const longestKeptText = 400;

export interface Compacted {
  readonly messages: readonly Message[];
  /** How many tool results were shortened; 0 means that nothing could be gained. */
  readonly shortened: number;
}

/**
 * Shortens old tool results to their first line, which names the evidence that still holds the whole. Tool calls and
 * what was said stay, so that the conversation remains valid for the model.
 */
export function compact(messages: readonly Message[]): Compacted {
  let shortened = 0;
  const boundary = messages.length - keptMessages;
  const shorten = (block: UserBlock): UserBlock => {
    if (block.type !== 'tool-result' || block.text.length <= longestKeptText) return block;
    shortened += 1;
    const [firstLine = ''] = block.text.split('\n', 1);
    return {
      ...block,
      text: `${firstLine.slice(0, longestKeptText)}\n[The rest was removed to save space. Its evidence still holds it.]`,
    };
  };
  const compacted = messages.map((message, index): Message =>
    index >= boundary || message.role === 'assistant'
      ? message
      : { role: 'user', content: message.content.map(shorten) },
  );
  return { messages: compacted, shortened };
}
