import { randomUUID } from 'node:crypto';
import type { Turn } from './conversation.ts';
import { countTokens, type InputUsage } from './prompt-cache.ts';

/** One server-sent event. `type` is the event's name and is repeated in the data. */
export interface Frame {
  readonly type: string;
  readonly [field: string]: unknown;
}

/** Short enough to see text stream, long enough to avoid thousands of frames per turn. */
const chunkLength = 24;

export function encodeFrame(frame: Frame): string {
  return `event: ${frame.type}\ndata: ${JSON.stringify(frame)}\n\n`;
}

/** A whole turn, in the order in which the API sends it. */
export function framesOf(turn: Turn, model: string, input: InputUsage): Frame[] {
  const outputTokens = countTokens(JSON.stringify(turn));
  return [
    { type: 'message_start', message: emptyMessage(model, input) },
    { type: 'ping' },
    ...contentOf(turn).flatMap((block, index) => framesOfBlock(block, index)),
    {
      type: 'message_delta',
      delta: { container: null, ...stopOf(turn) },
      usage: { ...input, output_tokens: outputTokens, output_tokens_details: null, server_tool_use: null },
    },
    { type: 'message_stop' },
  ];
}

/** The response to a request without streaming. */
export function messageOf(turn: Turn, model: string, input: InputUsage): object {
  const message = emptyMessage(model, input);
  const usage = { ...message.usage, output_tokens: countTokens(JSON.stringify(turn)) };
  return { ...message, content: contentOf(turn), ...stopOf(turn), usage };
}

type Block =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'thinking'; readonly thinking: string; readonly signature: string }
  | { readonly type: 'tool_use'; readonly id: string; readonly name: string; readonly input: object };

function contentOf(turn: Turn): Block[] {
  return [
    ...(turn.thinking === undefined
      ? []
      : [{ type: 'thinking' as const, thinking: turn.thinking, signature: signatureOf(turn.thinking) }]),
    ...(turn.text === undefined ? [] : [{ type: 'text' as const, text: turn.text }]),
    ...(turn.calls ?? []).map((call) => ({
      type: 'tool_use' as const,
      id: `toolu_${randomUUID().replaceAll('-', '')}`,
      name: call.name,
      input: call.input,
    })),
  ];
}

/** Thinking blocks must come back unchanged. A request whose signature does not match is rejected. */
export function signatureOf(thinking: string): string {
  return Buffer.from(`stand-in:${thinking.length}:${thinking.slice(0, 40)}`).toString('base64');
}

function stopOf(turn: Turn): object {
  const reason = turn.stop ?? ((turn.calls ?? []).length > 0 ? 'tool_use' : 'end_turn');
  const details = reason === 'refusal' ? { type: 'refusal', category: 'cyber', explanation: null } : null;
  return { stop_reason: reason, stop_sequence: null, stop_details: details };
}

function emptyMessage(model: string, input: InputUsage) {
  return {
    id: `msg_${randomUUID().replaceAll('-', '')}`,
    type: 'message',
    role: 'assistant',
    model,
    content: [],
    container: null,
    diagnostics: null,
    stop_reason: null,
    stop_sequence: null,
    stop_details: null,
    usage: {
      ...input,
      cache_creation: {
        ephemeral_5m_input_tokens: input.cache_creation_input_tokens,
        ephemeral_1h_input_tokens: 0,
      },
      output_tokens: 1,
      output_tokens_details: null,
      server_tool_use: null,
      service_tier: 'standard',
      inference_geo: null,
      speed: null,
    },
  };
}

function framesOfBlock(block: Block, index: number): Frame[] {
  const stop: Frame = { type: 'content_block_stop', index };
  const delta = (value: object): Frame => ({ type: 'content_block_delta', index, delta: value });
  switch (block.type) {
    case 'text':
      return [
        { type: 'content_block_start', index, content_block: { type: 'text', text: '', citations: null } },
        ...chunks(block.text).map((text) => delta({ type: 'text_delta', text })),
        stop,
      ];
    case 'thinking':
      return [
        { type: 'content_block_start', index, content_block: { type: 'thinking', thinking: '', signature: '' } },
        ...chunks(block.thinking).map((thinking) => delta({ type: 'thinking_delta', thinking })),
        delta({ type: 'signature_delta', signature: block.signature }),
        stop,
      ];
    case 'tool_use':
      return [
        {
          type: 'content_block_start',
          index,
          content_block: { type: 'tool_use', id: block.id, name: block.name, input: {}, caller: { type: 'direct' } },
        },
        ...['', ...chunks(JSON.stringify(block.input))].map((json) =>
          delta({ type: 'input_json_delta', partial_json: json }),
        ),
        stop,
      ];
    default:
      return block satisfies never;
  }
}

/** Splits between code points, so that no chunk ends inside an emoji. */
function chunks(text: string): string[] {
  const points = Array.from(text);
  const count = Math.ceil(points.length / chunkLength);
  return Array.from({ length: count }, (_, index) =>
    points.slice(index * chunkLength, (index + 1) * chunkLength).join(''),
  );
}
