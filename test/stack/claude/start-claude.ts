import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type * as z from 'zod';
import { listen } from '../listen.ts';
import { readConversation, type Conversation, type Script, type Turn } from './conversation.ts';
import { encodeFrame, framesOf, messageOf, signatureOf, type Frame } from './frames.ts';
import { createFaults, errorTypeOf, type Fault, type Misbehaviour } from './misbehaviour.ts';
import { countInput, createPromptCache } from './prompt-cache.ts';
import {
  blocksOf,
  countRequestSchema,
  findConversationFault,
  messagesRequestSchema,
  type MessagesRequest,
} from './request.ts';
import { standInScript } from './scripts/stand-in.ts';

const apiVersion = '2026-10-21';
const largestBody = 32 * 1024 * 1024;
const samplers = ['temperature', 'top_p', 'top_k'];

export interface ClaudeOptions {
  /** Plays the model; the investigation of DESIGN section 8 unless given. */
  readonly script?: Script;
  /** The only key that is accepted; any non-empty one unless given. */
  readonly apiKey?: string;
  /** Milliseconds between frames: 0 in tests, a few where people watch. */
  readonly paceMs?: number;
  /** Tokens; a longer prompt is refused as the API does. */
  readonly contextWindow?: number;
}

export interface ClaudeRequest {
  readonly path: string;
  /** What was sent instead of an answer, where something was. */
  readonly status: number;
  readonly authorization: string | undefined;
  readonly body: unknown;
  readonly conversation: Conversation | undefined;
}

export interface ClaudeStandIn {
  /** For ANTHROPIC_BASE_URL. */
  readonly url: string;
  readonly requests: () => readonly ClaudeRequest[];
  readonly misbehave: (rule: Misbehaviour) => void;
  readonly play: (script: Script) => void;
  readonly stop: () => Promise<void>;
}

interface HttpFault {
  readonly status: number;
  readonly message: string;
}

/** The Anthropic Messages API on loopback: the real protocol, a scripted model. */
export async function startClaude(options: ClaudeOptions = {}): Promise<ClaudeStandIn> {
  const requests: ClaudeRequest[] = [];
  const faults = createFaults();
  const cache = createPromptCache();
  let script = options.script ?? standInScript;

  const server = createServer((request, response) => {
    response.on('error', () => response.destroy());
    void answer(request, response).catch((error: unknown) => {
      if (response.headersSent) response.destroy();
      else sendError(response, { status: 500, message: `The stand-in failed: ${String(error)}` });
    });
  });
  const port = await listen(server);

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = (request.url ?? '/').split('?')[0] ?? '/';
    const body = parseJson(await readBody(request));
    const record = (status: number, conversation?: Conversation): void => {
      requests.push({ path, status, authorization: request.headers.authorization, body, conversation });
    };
    const refuse = (fault: HttpFault, headers?: Record<string, string>): void => {
      record(fault.status);
      sendError(response, fault, headers);
    };
    const fault = checkHeaders(request, options.apiKey);
    if (fault !== undefined) return refuse(fault);
    if (request.method === 'GET' && path === '/v1/models') {
      record(200);
      return sendJson(response, 200, {
        data: [describeModel('claude-sonnet-5-5')],
        has_more: false,
        first_id: null,
        last_id: null,
      });
    }
    if (request.method === 'GET' && path.startsWith('/v1/models/')) {
      record(200);
      return sendJson(response, 200, describeModel(path.slice('/v1/models/'.length)));
    }
    if (request.method !== 'POST' || !['/v1/messages', '/v1/messages/count_tokens'].includes(path))
      return refuse({ status: 404, message: `Not found: ${request.method} ${path}` });
    if (path === '/v1/messages/count_tokens') {
      const parsed = readRequest(countRequestSchema, body);
      if ('status' in parsed) return refuse(parsed);
      record(200);
      return sendJson(response, 200, { input_tokens: countInput(parsed.value) });
    }
    const parsed = readRequest(messagesRequestSchema, body);
    if ('status' in parsed) return refuse(parsed);
    const problem = checkContent(parsed.value, options.contextWindow);
    if (problem !== undefined) return refuse(problem);
    const planned = faults.next(parsed.value);
    if (planned?.kind === 'status') {
      const headers = planned.retryAfter === undefined ? {} : { 'retry-after': planned.retryAfter };
      return refuse({ status: planned.status, message: planned.message ?? messageFor(planned.status) }, headers);
    }
    const conversation = readConversation(parsed.value);
    record(200, conversation);
    await play(parsed.value, conversation, planned, response);
  }

  async function play(
    request: MessagesRequest,
    conversation: Conversation,
    fault: Fault | undefined,
    response: ServerResponse,
  ): Promise<void> {
    const turn: Turn =
      fault?.kind === 'refusal' ? { text: 'I cannot help with that.', stop: 'refusal' } : script(conversation);
    const usage = cache.use(request);
    if (request.stream !== true) return sendJson(response, 200, messageOf(turn, request.model, usage));
    const frames = framesOf(turn, request.model, usage);
    await stream(fault?.kind === 'cut-input' ? cutInput(frames) : frames, fault, response, options.paceMs ?? 0);
  }

  return {
    url: `http://127.0.0.1:${port}`,
    requests: () => requests,
    misbehave: faults.add,
    play: (next) => {
      script = next;
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function checkHeaders(request: IncomingMessage, apiKey: string | undefined): HttpFault | undefined {
  const authorization = request.headers.authorization ?? '';
  const key = /^Bearer (.+)$/.exec(authorization)?.[1];
  if (key === undefined) return { status: 401, message: 'Authorization: Bearer header is required' };
  if (apiKey !== undefined && key !== apiKey) return { status: 401, message: 'invalid bearer token' };
  const version = request.headers['anthropic-version'];
  if (version !== apiVersion)
    return { status: 400, message: `anthropic-version: "${String(version)}" is not a valid version` };
  return undefined;
}

function readRequest<Value>(schema: z.ZodType<Value>, body: unknown): { value: Value } | HttpFault {
  const sampler = samplers.find((name) => typeof body === 'object' && body !== null && name in body);
  if (sampler !== undefined) return { status: 400, message: `${sampler}: is not supported by this model` };
  const parsed = schema.safeParse(body);
  if (parsed.success) return { value: parsed.data };
  const issue = parsed.error.issues[0];
  return { status: 400, message: `${issue?.path.join('.') ?? 'body'}: ${issue?.message ?? 'invalid'}` };
}

function checkContent(request: MessagesRequest, contextWindow: number | undefined): HttpFault | undefined {
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

async function stream(
  frames: Frame[],
  fault: Fault | undefined,
  response: ServerResponse,
  paceMs: number,
): Promise<void> {
  const after = fault !== undefined && 'after' in fault ? fault.after : frames.length;
  if (fault?.kind === 'stall' && after === 0) return clientLeaving(response);
  response.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache',
    'request-id': requestId(),
  });
  for (const frame of frames.slice(0, after)) {
    if (response.destroyed) return;
    if (!response.write(encodeFrame(frame))) await drained(response);
    if (paceMs > 0) await new Promise((resolve) => setTimeout(resolve, paceMs));
  }
  switch (fault?.kind) {
    case 'error-event': {
      const error = { type: fault.type ?? 'overloaded_error', message: 'Overloaded' };
      response.end(encodeFrame({ type: 'error', error, request_id: requestId() }));
      return;
    }
    case 'cut':
      // What was written must have left before the reset, or the client would see nothing of it.
      response.write('', () => response.socket?.resetAndDestroy());
      return;
    case 'stall':
      return clientLeaving(response);
    default:
      response.end();
  }
}

/** The last tool input loses its second half and the turn says max_tokens. */
function cutInput(frames: readonly Frame[]): Frame[] {
  const inputs = frames.flatMap((frame, index) =>
    frame.type === 'content_block_delta' && JSON.stringify(frame).includes('input_json_delta') ? [index] : [],
  );
  const dropped = new Set(inputs.slice(Math.ceil(inputs.length / 2)));
  return frames
    .filter((_, index) => !dropped.has(index))
    .map((frame) =>
      frame.type === 'message_delta'
        ? { ...frame, delta: { container: null, stop_reason: 'max_tokens', stop_sequence: null, stop_details: null } }
        : frame,
    );
}

function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    response.once('drain', resolve);
    response.once('close', resolve);
  });
}

function clientLeaving(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    response.once('close', resolve);
  });
}

async function readBody(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request) {
    const bytes = part as Buffer;
    size += bytes.length;
    if (size > largestBody) throw new Error('request exceeds 32 MB');
    parts.push(bytes);
  }
  return Buffer.concat(parts).toString('utf8');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function sendJson(response: ServerResponse, status: number, body: object, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', 'request-id': requestId(), ...headers });
  response.end(JSON.stringify(body));
}

function sendError(response: ServerResponse, fault: HttpFault, headers: Record<string, string> = {}): void {
  const error = { type: errorTypeOf(fault.status), message: fault.message };
  sendJson(response, fault.status, { type: 'error', error, request_id: requestId() }, headers);
}

function messageFor(status: number): string {
  if (status === 429) return 'This request would exceed your rate limit.';
  return status === 529 ? 'Overloaded' : `The stand-in was told to answer ${status}.`;
}

function requestId(): string {
  return `req_${randomUUID().replaceAll('-', '')}`;
}

function describeModel(id: string): object {
  return { type: 'model', id, display_name: `${id} (stand-in)`, created_at: '2026-10-21T00:00:00Z' };
}
