import type { Message } from '../model/model.ts';

export interface CompactOptions {
  /** Number of messages at the end that stay unchanged, because the model is working on them. */
  readonly kept: number;
  /** Size limit for the messages before them. Beyond it, the oldest are removed. */
  readonly longestRest: number;
  /** Whether evidence with this id can still be read. */
  readonly isStored: (id: string) => boolean;
}

/** A large picture costs about 1,600 tokens. */
const imageSize = 6000;

/** Size of a conversation in characters, precise enough to estimate tokens. */
export function sizeOf(messages: readonly Message[]): number {
  let size = 0;
  for (const { content } of messages)
    for (const block of content) {
      size += 'text' in block ? block.text.length + 40 : JSON.stringify(block).length;
      if ('images' in block) size += (block.images?.length ?? 0) * imageSize;
    }
  return size;
}

/** The id in the head of a result: `E3 (query_database, 12 rows)`. */
export function evidenceNamed(text: string): string | undefined {
  return /^(E\d+) \(/.exec(text)?.[1];
}

/** The first words, with the untrusted-data mark closed again. */
export function shortWords(text: string, longest: number): string {
  if (text.length <= longest) return text;
  const start = text.slice(0, longest).replace(/[\uD800-\uDBFF]$/, '');
  const [, mark] = /<(data-[\w-]+)>/.exec(start) ?? [];
  const close = mark === undefined || start.includes(`</${mark}>`) ? '' : `\n</${mark}>`;
  return `${start}…${close}\n[${text.length - start.length} more characters were removed to save space.]`;
}
