import type { IncomingMessage } from 'node:http';
import type * as z from 'zod';
import { signatureOf } from './frames.ts';
import type { HttpFault } from './http.ts';
import { countInput } from './prompt-cache.ts';
import { blocksOf, findConversationFault, type MessagesRequest } from './request.ts';

const apiVersion = '2026-10-21';
const samplers = ['temperature', 'top_p', 'top_k'];

export function checkHeaders(request: IncomingMessage, apiKey: string | undefined): HttpFault | undefined {
  const authorization = request.headers.authorization ?? '';
  const key = /^Bearer (.+)$/.exec(authorization)?.[1];
  if (key === undefined) return { status: 401, message: 'Authorization: Bearer header is required' };
  if (apiKey !== undefined && key !== apiKey) return { status: 401, message: 'invalid bearer token' };
  const version = request.headers['anthropic-version'];
  if (version !== apiVersion)
    return { status: 400, message: `anthropic-version: "${String(version)}" is not a valid version` };
  return undefined;
}

export function readRequest<Value>(schema: z.ZodType<Value>, body: unknown): { value: Value } | HttpFault {
  const sampler = samplers.find((name) => typeof body === 'object' && body !== null && name in body);
  if (sampler !== undefined) return { status: 400, message: `${sampler}: is not supported by this model` };
  const parsed = schema.safeParse(body);
  if (parsed.success) return { value: parsed.data };
  const issue = parsed.error.issues[0];
  return { status: 400, message: `${issue?.path.join('.') ?? 'body'}: ${issue?.message ?? 'invalid'}` };
}

export function checkContent(request: MessagesRequest, contextWindow: number | undefined): HttpFault | undefined {
  const message = findConversationFault(request);
  if (message !== undefined) return { status: 400, message };
  const altered = request.messages
    .flatMap((each) => blocksOf(each))
    .some((block) => block.type === 'thinking' && block.signature !== signatureOf(block.thinking));
  if (altered) return { status: 400, message: 'messages: `thinking` blocks cannot be modified: invalid signature' };
  const tokens = countInput(request);
  if (contextWindow !== undefined && tokens > contextWindow)
    return { status: 400, message: `prompt is too long: ${tokens} tokens > ${contextWindow} maximum` };
  return undefined;
}
