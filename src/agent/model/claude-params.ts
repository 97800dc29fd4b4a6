import type Anthropic from '@anthropic-ai/sdk';
import type { ContentBlockParam, MessageParam } from '@anthropic-ai/sdk/resources/messages';
import * as z from 'zod';
import type { Image } from '../tools.ts';
import type { AssistantBlock, Message, ModelRequest, UserBlock } from './model.ts';

export type Effort = 'low' | 'medium' | 'high' | 'xhigh' | 'max';

/** A request in the form of the Messages API. */
export function toParams(
  { model, effort }: { readonly model: string; readonly effort?: Effort | undefined },
  request: ModelRequest,
): Parameters<Anthropic['messages']['stream']>[0] {
  return {
    model,
    max_tokens: request.maxTokens,
    ...(effort !== undefined && { output_config: { effort } }),
    // Tools and system prompt stay the same throughout the session.
    system: [{ type: 'text', text: request.system, cache_control: { type: 'ephemeral' } }],
    tools: request.tools.map((tool) => ({
      name: tool.name,
      description: tool.description,
      input_schema: { ...tool.inputSchema, type: 'object' as const },
    })),
    messages: joinTurns(request.messages),
  };
}

/** The API accepts four breakpoints; the system prompt uses one. */
const breakpointsLeft = 3;

/**
 * Messages that end with a breakpoint: the last of this request, and the last of the requests before it. The API looks
 * back over only 20 blocks, and one turn of parallel calls with their results has more. Marked block by block, because
 * not every platform supports automatic breakpoints.
 */
function breakpointsOf(messages: readonly Message[]): ReadonlySet<number> {
  const ends = messages.flatMap(({ role }, index) => (role === 'user' ? [index] : []));
  return new Set(ends.slice(-breakpointsLeft));
}

/** A cancelled run ends with tool results and the next starts with a prompt. Turns must alternate, so we merge them. */
function joinTurns(messages: readonly Message[]): MessageParam[] {
  const ends = breakpointsOf(messages);
  const joined: { role: 'user' | 'assistant'; content: ContentBlockParam[] }[] = [];
  for (const [index, message] of messages.entries()) {
    const content =
      message.role === 'assistant' ? message.content.map(toAssistantBlock) : toUserBlocks(message, ends.has(index));
    const before = joined.at(-1);
    if (before?.role === 'user' && message.role === 'user') before.content.push(...content);
    else joined.push({ role: message.role, content });
  }
  return joined;
}

function toUserBlocks({ content }: Extract<Message, { role: 'user' }>, isBreakpoint: boolean): ContentBlockParam[] {
  return content.flatMap((block, index): ContentBlockParam[] => {
    const mark = isBreakpoint && index === content.length - 1 && { cache_control: { type: 'ephemeral' as const } };
    if (block.type === 'text') return [...shownImages(block.images), { type: 'text', text: block.text, ...mark }];
    const result = { tool_use_id: block.callId, content: resultContent(block), is_error: block.isError };
    return [{ type: 'tool_result', ...result, ...mark }];
  });
}

function resultContent({ text, images = [] }: Extract<UserBlock, { type: 'tool-result' }>) {
  if (images.length === 0) return text;
  return [{ type: 'text' as const, text }, ...shownImages(images)];
}

function shownImages(images: readonly Image[] = []) {
  return images.map(({ mediaType, data }) => ({
    type: 'image' as const,
    source: { type: 'base64' as const, media_type: mediaType, data },
  }));
}

// Opaque blocks go back to the API unchanged. These are the kinds we keep.
const opaqueSchema = z.union([
  z.object({ type: z.literal('thinking'), thinking: z.string(), signature: z.string() }),
  z.object({ type: z.literal('redacted_thinking'), data: z.string() }),
]);

function toAssistantBlock(block: AssistantBlock): ContentBlockParam {
  switch (block.type) {
    case 'text':
      return { type: 'text', text: block.text };
    case 'tool-call':
      return {
        type: 'tool_use',
        id: block.id,
        name: block.name,
        input: block.input.kind === 'complete' ? block.input.value : {},
      };
    case 'opaque':
      return opaqueSchema.parse(block.value);
  }
}
