import { createHash } from 'node:crypto';
import { blocksOf, type CountRequest } from './request.ts';

/** As the API reports it: the three input figures are disjoint. */
export interface InputUsage {
  readonly input_tokens: number;
  readonly cache_creation_input_tokens: number;
  readonly cache_read_input_tokens: number;
}

interface Prefix {
  readonly hash: string;
  /** Tokens from the start of the request to the end of this block. */
  readonly tokens: number;
  readonly breakpoint: boolean;
}

/** The API silently caches nothing below this number of tokens. */
const minimumTokens = 1024;
const lifetimeMs = 5 * 60_000;
/** How many blocks before a breakpoint the API searches for an earlier entry. */
const lookBack = 20;

/** Four characters per token: close enough for ratios, and the same on every run. */
export function countTokens(text: string): number {
  return Math.ceil(text.length / 4);
}

export function countInput(request: CountRequest): number {
  return prefixesOf(request).at(-1)?.tokens ?? 0;
}

/**
 * The prompt cache: prefixes of tools, system and messages that a request marked with `cache_control`.
 * Any change (an added tool, another order, an edited message) makes a different prefix, which is a cache miss.
 */
export function createPromptCache(now: () => number = Date.now) {
  const entries = new Map<string, number>();
  return {
    use(request: CountRequest): InputUsage {
      const prefixes = prefixesOf(request);
      const total = prefixes.at(-1)?.tokens ?? 0;
      const marks = prefixes.flatMap((prefix, index) => (prefix.breakpoint ? [index] : []));
      const lastMark = prefixes[marks.at(-1) ?? -1];
      if (lastMark === undefined || lastMark.tokens < minimumTokens)
        return { input_tokens: total, cache_creation_input_tokens: 0, cache_read_input_tokens: 0 };
      const read = Math.max(
        0,
        ...marks.map((mark) => readBefore(prefixes.slice(Math.max(0, mark - lookBack), mark + 1))),
      );
      for (const mark of marks) {
        const prefix = prefixes[mark];
        if (prefix !== undefined && prefix.tokens >= minimumTokens) entries.set(prefix.hash, now() + lifetimeMs);
      }
      return {
        input_tokens: total - lastMark.tokens,
        cache_creation_input_tokens: lastMark.tokens - read,
        cache_read_input_tokens: read,
      };
    },
  };

  function readBefore(prefixes: readonly Prefix[]): number {
    const hit = prefixes.findLast((prefix) => (entries.get(prefix.hash) ?? 0) > now());
    return hit?.tokens ?? 0;
  }
}

function prefixesOf(request: CountRequest): Prefix[] {
  const system = typeof request.system === 'string' ? [{ type: 'text', text: request.system }] : (request.system ?? []);
  const parts: readonly object[] = [
    ...(request.tools ?? []),
    ...system,
    ...request.messages.flatMap((message) => blocksOf(message).map((block) => ({ role: message.role, ...block }))),
  ];
  let hash = request.model;
  let tokens = 0;
  return parts.map((part, index) => {
    const { cache_control: mark, ...content } = { cache_control: undefined, ...part };
    const json = JSON.stringify(content);
    hash = createHash('sha256').update(hash).update(json).digest('hex');
    tokens += countTokens(json);
    const automatic = request.cache_control != null && index === parts.length - 1;
    return { hash, tokens, breakpoint: automatic || mark != null };
  });
}
