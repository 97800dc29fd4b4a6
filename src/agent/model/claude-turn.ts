import type { RawContentBlockStartEvent, RawMessageStreamEvent } from '@anthropic-ai/sdk/resources/messages';
import * as z from 'zod';
import type { AssistantBlock, ModelEvent, StopReason, ToolInput, TurnUsage } from './model.ts';

type Started = RawContentBlockStartEvent['content_block'];

interface OpenBlock {
  readonly started: Started;
  text: string;
  signature: string;
}

/** Collects one streamed message. */
export interface Turn {
  /** The event to pass on to the caller. */
  readonly accept: (event: RawMessageStreamEvent) => ModelEvent | undefined;
  /** Undefined until `message_stop` arrives: a stream may end without it and without an error. */
  readonly finish: () => Extract<ModelEvent, { type: 'turn-finished' }> | undefined;
}

const inputSchema = z.record(z.string(), z.unknown());

export function createTurn(): Turn {
  const blocks = new Map<number, OpenBlock>();
  let stopReason: string | null = null;
  let refusal: string | undefined;
  let complete = false;
  let usage: TurnUsage = { inputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0, outputTokens: 0 };

  const accept = (event: RawMessageStreamEvent): ModelEvent | undefined => {
    switch (event.type) {
      case 'message_start':
        usage = readUsage(event.message.usage, usage);
        return undefined;
      case 'content_block_start':
        blocks.set(event.index, { started: event.content_block, text: '', signature: '' });
        return undefined;
      case 'content_block_delta': {
        const block = blocks.get(event.index);
        if (block === undefined) return undefined;
        if (event.delta.type === 'text_delta') {
          block.text += event.delta.text;
          return { type: 'text-delta', text: event.delta.text };
        }
        if (event.delta.type === 'thinking_delta') {
          block.text += event.delta.thinking;
          return { type: 'thinking-delta', text: event.delta.thinking };
        }
        if (event.delta.type === 'input_json_delta') block.text += event.delta.partial_json;
        if (event.delta.type === 'signature_delta') block.signature += event.delta.signature;
        return undefined;
      }
      case 'content_block_stop':
        return undefined;
      case 'message_delta':
        stopReason = event.delta.stop_reason;
        refusal = event.delta.stop_details?.explanation ?? event.delta.stop_details?.category ?? undefined;
        usage = readUsage(event.usage, usage);
        return undefined;
      case 'message_stop':
        complete = true;
        return undefined;
    }
  };

  const finish: Turn['finish'] = () => {
    if (!complete) return undefined;
    const open = [...blocks.entries()].sort(([a], [b]) => a - b).map(([, block]) => block);
    const content = open.map((block, index) =>
      // The SDK would parse a truncated input as if it were complete.
      toContent(block, stopReason === 'max_tokens' && index === open.length - 1),
    );
    return {
      type: 'turn-finished',
      content: content.filter((block) => block !== undefined),
      stop: toStop(stopReason),
      refusal,
      usage,
    };
  };

  return { accept, finish };
}

interface WireUsage {
  readonly input_tokens: number | null;
  readonly cache_read_input_tokens: number | null;
  readonly cache_creation_input_tokens: number | null;
  readonly output_tokens: number;
}

/** Counts in `message_delta` are cumulative. Null or absent means unchanged. */
function readUsage(wire: Partial<WireUsage>, before: TurnUsage): TurnUsage {
  return {
    inputTokens: wire.input_tokens ?? before.inputTokens,
    cacheReadTokens: wire.cache_read_input_tokens ?? before.cacheReadTokens,
    cacheWriteTokens: wire.cache_creation_input_tokens ?? before.cacheWriteTokens,
    outputTokens: wire.output_tokens ?? before.outputTokens,
  };
}

function toContent(block: OpenBlock, cut: boolean): AssistantBlock | undefined {
  const { started } = block;
  switch (started.type) {
    case 'text': {
      const text = started.text + block.text;
      return text === '' ? undefined : { type: 'text', text };
    }
    case 'tool_use':
      return { type: 'tool-call', id: started.id, name: started.name, input: parseInput(block.text, cut) };
    case 'thinking':
      return {
        type: 'opaque',
        value: {
          type: 'thinking',
          thinking: started.thinking + block.text,
          signature: started.signature + block.signature,
        },
      };
    case 'redacted_thinking':
      return { type: 'opaque', value: started };
    default:
      // Blocks of server-side tools, which we never request.
      return undefined;
  }
}

function parseInput(text: string, cut: boolean): ToolInput {
  if (cut) return { kind: 'broken', text };
  if (text.trim() === '') return { kind: 'complete', value: {} };
  try {
    const parsed = inputSchema.safeParse(JSON.parse(text));
    return parsed.success ? { kind: 'complete', value: parsed.data } : { kind: 'broken', text };
  } catch (error) {
    if (error instanceof SyntaxError) return { kind: 'broken', text };
    throw error;
  }
}

function toStop(reason: string | null): StopReason {
  switch (reason) {
    case 'tool_use':
      return 'tool-calls';
    case 'max_tokens':
      return 'max-tokens';
    case 'refusal':
      return 'refusal';
    case 'pause_turn':
      return 'pause';
    case 'model_context_window_exceeded':
      return 'context-full';
    default:
      return 'end';
  }
}
