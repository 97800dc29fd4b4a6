import { compact, type Compacted } from './compaction.ts';
import type { Message, ModelEvent, TurnUsage } from '../model/model.ts';
import { sizeOf, type CompactOptions } from './shorten.ts';

/** Tracks how much of the model's context the conversation uses, and shortens it when needed. */
export interface ContextWindow {
  /** Learns the size of the sent messages from the turn's usage. */
  readonly measure: (sent: readonly Message[], usage: TurnUsage) => void;
  /** Before a request: a shorter conversation if it would not fit. undefined: it fits, or nothing can be saved. */
  readonly fit: (messages: readonly Message[]) => Shorter | undefined;
  /** After the model rejected it as too long. undefined: nothing is left to shorten. */
  readonly shrink: (messages: readonly Message[], tooLong: TooLong | undefined) => Shorter | undefined;
}

export interface Shorter extends Compacted {
  /** Estimated if the model has not reported it. */
  readonly tokensBefore: number;
}

/** The tokens in the request and the model's limit, as the model reported them. */
export interface TooLong {
  readonly tokens: number;
  readonly most: number;
}

const usualTokensPerCharacter = 1 / 3.5;
/** Shorter conversations are mostly tools and system prompt, and say little about tokens per message. */
const tellingSize = 50_000;
/** Share of the context that all but the last messages may use after shortening. */
const restShare = 0.4;
const usualKept = 6;

export function createContextWindow(contextTokens: number, isStored: CompactOptions['isStored']): ContextWindow {
  let most = contextTokens;
  let perCharacter = usualTokensPerCharacter;
  const tokensOf = (messages: readonly Message[]): number => Math.round(sizeOf(messages) * perCharacter);
  const shorten = (messages: readonly Message[], kept: number): Compacted =>
    compact(messages, { kept, longestRest: (most * restShare) / perCharacter, isStored });

  return {
    measure: (sent, { inputTokens, cacheReadTokens, cacheWriteTokens }) => {
      const size = sizeOf(sent);
      const tokens = inputTokens + cacheReadTokens + cacheWriteTokens;
      if (size >= tellingSize && tokens > 0) perCharacter = Math.min(1, Math.max(0.15, tokens / size));
    },
    fit: (messages) => {
      const tokensBefore = tokensOf(messages);
      if (tokensBefore <= most) return undefined;
      const shorter = shorten(messages, usualKept);
      return shorter.shortened === 0 ? undefined : { ...shorter, tokensBefore };
    },
    shrink: (messages, tooLong) => {
      const tokensBefore = tooLong?.tokens ?? tokensOf(messages);
      if (tooLong !== undefined) perCharacter = tooLong.tokens / Math.max(1, sizeOf(messages));
      // Leaves room for the answer and for what a turn adds.
      most = Math.round(Math.min(most, (tooLong?.most ?? tokensBefore) * 0.75));
      let best: Compacted | undefined;
      for (const kept of [usualKept, 2, 0]) {
        const shorter = shorten(messages, kept);
        if (shorter.shortened > 0) best = shorter;
        if (best !== undefined && tokensOf(best.messages) <= most) break;
      }
      return best === undefined ? undefined : { ...best, tokensBefore };
    },
  };
}

/**
 * After a turn: a conversation that the model may accept where it did not accept this one. undefined: it did, or this is
 * no question of what was sent. `hopeless`: nothing is left to shorten.
 */
export function mend(
  window: ContextWindow,
  messages: readonly Message[],
  turn: Extract<ModelEvent, { type: 'turn-finished' | 'turn-failed' }>,
): Shorter | 'hopeless' | undefined {
  const failure = turn.type === 'turn-failed' ? turn.failure : undefined;
  if (failure?.kind === 'bad-image') return withoutImages(messages);
  const isFull = turn.type === 'turn-failed' ? failure?.kind === 'too-long' : turn.stop === 'context-full';
  return isFull ? (window.shrink(messages, failure?.tooLong) ?? 'hopeless') : undefined;
}

/** Which image the model refused is not known. undefined: there is none. */
function withoutImages(messages: readonly Message[]): Shorter | undefined {
  let shortened = 0;
  const rest = messages.map((message): Message => {
    if (message.role !== 'user') return message;
    const content = message.content.map((block) => {
      if (block.images === undefined) return block;
      const { images: _, ...words } = block;
      shortened += 1;
      return { ...words, text: `${block.text}\n[Images were removed: the model does not accept one of them.]` };
    });
    return { role: 'user', content };
  });
  return shortened === 0
    ? undefined
    : { messages: rest, shortened, tokensBefore: Math.round(sizeOf(messages) * usualTokensPerCharacter) };
}
