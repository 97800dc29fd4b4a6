import * as z from 'zod';

/**
 * The part of POST /v1/messages that an agent with tools uses. As strict as the real API: an unknown field, and
 * `temperature`, `top_p` or `top_k` even at their defaults, are an invalid_request_error.
 */
const cacheControl = z.strictObject({ type: z.literal('ephemeral'), ttl: z.enum(['5m', '1h']).optional() }).nullish();

const text = z.strictObject({
  type: z.literal('text'),
  text: z.string().min(1, 'text content blocks must be non-empty'),
  citations: z.array(z.never()).nullish(),
  cache_control: cacheControl,
});

const toolUse = z.strictObject({
  type: z.literal('tool_use'),
  id: z.string().regex(/^[a-zA-Z0-9_-]+$/),
  name: z.string().regex(/^[a-zA-Z0-9_-]{1,128}$/),
  input: z.record(z.string(), z.unknown()),
  cache_control: cacheControl,
  caller: z.unknown().optional(),
  toolset_name: z.string().nullish(),
});

const image = z.strictObject({
  type: z.literal('image'),
  source: z.strictObject({
    type: z.literal('base64'),
    media_type: z.enum(['image/png', 'image/jpeg', 'image/gif', 'image/webp']),
    data: z.base64(),
  }),
});

const toolResult = z.strictObject({
  type: z.literal('tool_result'),
  tool_use_id: z.string(),
  content: z.union([z.string(), z.array(z.discriminatedUnion('type', [text, image]))]).optional(),
  is_error: z.boolean().optional(),
  cache_control: cacheControl,
});

const thinking = z.strictObject({ type: z.literal('thinking'), thinking: z.string(), signature: z.string() });

const userContent = z.union([z.string().min(1), z.array(z.discriminatedUnion('type', [text, toolResult])).min(1)]);
const assistantContent = z.union([
  z.string().min(1),
  z.array(z.discriminatedUnion('type', [text, toolUse, thinking])).min(1),
]);

const message = z.discriminatedUnion('role', [
  z.strictObject({ role: z.literal('user'), content: userContent }),
  z.strictObject({ role: z.literal('assistant'), content: assistantContent }),
]);

const tool = z.strictObject({
  type: z.literal('custom').optional(),
  name: z.string().regex(/^[a-zA-Z0-9_-]{1,128}$/),
  description: z.string().optional(),
  input_schema: z.looseObject({ type: z.literal('object') }),
  cache_control: cacheControl,
  strict: z.boolean().optional(),
  eager_input_streaming: z.boolean().nullish(),
});

const conversation = {
  model: z.string().min(1),
  messages: z.array(message).min(1),
  system: z.union([z.string(), z.array(text)]).optional(),
  tools: z.array(tool).optional(),
  tool_choice: z
    .looseObject({ type: z.enum(['auto', 'any', 'tool', 'none']), disable_parallel_tool_use: z.boolean().optional() })
    .optional(),
  thinking: z.looseObject({ type: z.enum(['enabled', 'disabled', 'adaptive']) }).optional(),
  output_config: z.looseObject({}).optional(),
  cache_control: cacheControl,
};

export const countRequestSchema = z.strictObject(conversation);

export const messagesRequestSchema = z.strictObject({
  ...conversation,
  max_tokens: z.int().min(1).max(128_000),
  stream: z.boolean().optional(),
  stop_sequences: z.array(z.string()).optional(),
  metadata: z.strictObject({ user_id: z.string().nullish() }).optional(),
  service_tier: z.enum(['auto', 'standard_only']).optional(),
  speed: z.enum(['standard', 'fast']).nullish(),
});

export type CountRequest = z.infer<typeof countRequestSchema>;
export type MessagesRequest = z.infer<typeof messagesRequestSchema>;
export type RequestMessage = CountRequest['messages'][number];
export type RequestBlock = Exclude<RequestMessage['content'], string>[number];
type ToolResultBlock = z.infer<typeof toolResult>;

export function blocksOf(message: RequestMessage): readonly RequestBlock[] {
  return typeof message.content === 'string' ? [{ type: 'text', text: message.content }] : message.content;
}

export function resultText(block: ToolResultBlock): string {
  if (block.content === undefined) return '';
  return typeof block.content === 'string'
    ? block.content
    : block.content.map((part) => (part.type === 'text' ? part.text : '[image]')).join('\n');
}

/** Checks what a schema cannot: the order of messages, and that each call has a result. Returns the API's error message. */
export function findConversationFault(request: CountRequest): string | undefined {
  const { messages } = request;
  if (messages[0]?.role !== 'user') return 'messages: first message must use the "user" role';
  if (messages.at(-1)?.role !== 'user')
    return 'This model does not support assistant message prefill. The conversation must end with a user message.';
  const names = (request.tools ?? []).map((each) => each.name);
  const repeated = names.find((name, index) => names.indexOf(name) !== index);
  if (repeated !== undefined) return `tools: Tool names must be unique. '${repeated}' is repeated`;
  if (countBreakpoints(request) > 4) return 'A maximum of 4 blocks with cache_control may be provided.';
  for (const [index, each] of messages.entries()) {
    const fault = findPairingFault(each, messages[index - 1], index);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function findPairingFault(message: RequestMessage, before: RequestMessage | undefined, index: number) {
  if (message.role === before?.role) return `messages.${index}: roles must alternate between "user" and "assistant"`;
  if (message.role === 'assistant') {
    const last = blocksOf(message).at(-1);
    if (last?.type === 'text' && last.text.trim() === '')
      return `messages.${index}: text content blocks must contain non-whitespace text`;
    return undefined;
  }
  const asked = (before === undefined ? [] : blocksOf(before)).flatMap((block) =>
    block.type === 'tool_use' ? [block.id] : [],
  );
  const blocks = blocksOf(message);
  const answered = blocks.flatMap((block) => (block.type === 'tool_result' ? [block.tool_use_id] : []));
  const unasked = answered.find((id) => !asked.includes(id));
  if (unasked !== undefined)
    return `messages.${index}: unexpected \`tool_use_id\` found in \`tool_result\` blocks: ${unasked}. Each \`tool_result\` block must have a corresponding \`tool_use\` block in the previous message.`;
  const missing = asked.filter((id) => !answered.includes(id));
  if (missing.length > 0)
    return `messages.${index}: \`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${missing.join(', ')}.`;
  if (new Set(answered).size !== answered.length) return `messages.${index}: each tool_use must have a single result`;
  if (blocks.slice(0, answered.length).some((block) => block.type !== 'tool_result'))
    return `messages.${index}: \`tool_result\` blocks must come before other content`;
  return undefined;
}

function countBreakpoints(request: CountRequest): number {
  const system = typeof request.system === 'string' ? [] : (request.system ?? []);
  const blocks = request.messages.flatMap((each) => blocksOf(each));
  const marked = [request, ...(request.tools ?? []), ...system, ...blocks].filter(
    (each) => 'cache_control' in each && each.cache_control != null,
  );
  return marked.length;
}
