import { compact, type Compacted } from './compaction.ts';
import type { Message, TurnUsage } from '../model/model.ts';
import { sizeOf, type CompactOptions } from './shorten.ts';

/** What the conversation takes of the model's context, and what to do where it is too much. */
export interface ContextWindow {
  /** What a turn cost is what the messages that were sent take. */
  readonly measure: (sent: readonly Message[], usage: TurnUsage) => void;
  /** Before a request: something shorter where it would not fit. undefined: it fits, or nothing can be gained. */
  readonly fit: (messages: readonly Message[]) => Shorter | undefined;
  /** The model refused it as too long. undefined: nothing is left to shorten. */
  readonly shrink: (messages: readonly Message[], tooLong: TooLong | undefined) => Shorter | undefined;
}

export interface Shorter extends Compacted {
  /** Estimated, where the model has not said. */
  readonly tokensBefore: number;
}

/** What the model said that the request has, and what it takes. */
export interface TooLong {
  readonly tokens: number;
  readonly most: number;
}

const usualTokensPerCharacter = 1 / 3.5;
/** A shorter conversation is mostly tools and system prompt: it tells little of its own tokens. */
const tellingSize = 50_000;
/** Share of the context that all but the last messages may take after they were shortened. */
const restShare = 0.4;
const usualKept = 6;

export function createContextWindow(contextTokens: number, holds: CompactOptions['holds']): ContextWindow {
  let most = contextTokens;
  let perCharacter = usualTokensPerCharacter;
  const tokensOf = (messages: readonly Message[]): number => Math.round(sizeOf(messages) * perCharacter);
  const shorten = (messages: readonly Message[], kept: number): Compacted =>
    compact(messages, { kept, longestRest: (most * restShare) / perCharacter, holds });

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
      // Room for the answer and for what a turn adds.
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
