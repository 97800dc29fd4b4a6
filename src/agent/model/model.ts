import type { Image, JsonSchema } from '../tools.ts';

/** A conversation with a language model, independent of the provider. */
export interface Model {
  readonly id: string;
  /** Maximum tokens per conversation, if lower than that of every current Claude model. */
  readonly contextTokens?: number | undefined;
  /**
   * One turn. Yields deltas as they arrive and ends with exactly one `turn-finished` or `turn-failed`.
   * Contract: never throws. Retries internally and announces each retry with `retry-scheduled`.
   */
  readonly stream: (request: ModelRequest) => AsyncIterable<ModelEvent>;
}

export interface ModelRequest {
  readonly system: string;
  readonly messages: readonly Message[];
  /** Same order on every turn: the prompt cache depends on it. */
  readonly tools: readonly ModelTool[];
  readonly maxTokens: number;
  readonly signal: AbortSignal;
}

export interface ModelTool {
  readonly name: string;
  readonly description: string;
  readonly inputSchema: JsonSchema;
}

export type Message =
  | { readonly role: 'user'; readonly content: readonly UserBlock[] }
  | { readonly role: 'assistant'; readonly content: readonly AssistantBlock[] };

export type UserBlock =
  | { readonly type: 'text'; readonly text: string; readonly images?: readonly Image[] | undefined }
  | {
      readonly type: 'tool-result';
      readonly callId: string;
      readonly text: string;
      readonly isError: boolean;
      readonly images?: readonly Image[] | undefined;
    };

export type AssistantBlock =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'tool-call'; readonly id: string; readonly name: string; readonly input: ToolInput }
  /** A block the model needs back unchanged on the next turn (signed thinking). Opaque to us. */
  | { readonly type: 'opaque'; readonly value: unknown };

/** Incomplete input must never become a call. */
export type ToolInput =
  | { readonly kind: 'complete'; readonly value: Readonly<Record<string, unknown>> }
  | { readonly kind: 'broken'; readonly text: string };

export type StopReason = 'end' | 'tool-calls' | 'max-tokens' | 'refusal' | 'pause' | 'context-full';

export type ModelEvent =
  | { readonly type: 'text-delta'; readonly text: string }
  | { readonly type: 'thinking-delta'; readonly text: string }
  | { readonly type: 'retry-scheduled'; readonly reason: string; readonly attempt: number; readonly delayMs: number }
  /** Text streamed so far of this turn is void: the turn starts again. */
  | { readonly type: 'turn-restarted' }
  | {
      readonly type: 'turn-finished';
      readonly content: readonly AssistantBlock[];
      readonly stop: StopReason;
      /** Why the model refused, if it said so. */
      readonly refusal: string | undefined;
      readonly usage: TurnUsage;
    }
  | { readonly type: 'turn-failed'; readonly failure: ModelFailure };

export interface TurnUsage {
  readonly inputTokens: number;
  readonly cacheReadTokens: number;
  readonly cacheWriteTokens: number;
  readonly outputTokens: number;
}

export interface ModelFailure {
  readonly kind:
    | 'cancelled'
    | 'unauthorized'
    | 'payment'
    | 'bad-request'
    /** The conversation does not fit the model's context. */
    | 'too-long'
    /** The model does not accept an image of the conversation. */
    | 'bad-image'
    | 'not-found'
    | 'rate-limited'
    | 'overloaded'
    | 'unreachable'
    | 'broken';
  /** What happened and what to do, for a person. */
  readonly message: string;
  /** For `too-long`: the tokens in the request and the model's limit, if it said so. */
  readonly tooLong?: { readonly tokens: number; readonly most: number } | undefined;
}
