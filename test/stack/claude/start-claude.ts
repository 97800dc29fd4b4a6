import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { listen } from '../listen.ts';
import { recordTraffic } from '../traffic.ts';
import { readConversation, type Conversation, type Script, type Turn } from './conversation.ts';
import { checkContent, checkHeaders, readRequest } from './checks.ts';
import { framesOf, messageOf } from './frames.ts';
import { parseJson, readBody, sendError, sendJson, type HttpFault } from './http.ts';
import { createFaults, type Fault, type Misbehaviour } from './misbehaviour.ts';
import { countInput, createPromptCache } from './prompt-cache.ts';
import { countRequestSchema, messagesRequestSchema, type MessagesRequest } from './request.ts';
import { standInScript } from './scripts/stand-in.ts';
import { streamFrames } from './stream-frames.ts';

export interface ClaudeOptions {
  /** Plays the model. Default: the investigation of failed orders. */
  readonly script?: Script;
  /** The only accepted key. Default: any that is not empty. */
  readonly apiKey?: string;
  /** Milliseconds between frames: 0 in tests, a few for people who watch. */
  readonly paceMs?: number;
  /** Context window in tokens. A longer prompt is rejected as the API does. */
  readonly contextWindow?: number;
}

export interface ClaudeRequest {
  readonly path: string;
  /** The fault that was sent instead of an answer, if any. */
  readonly status: number;
  readonly authorization: string | undefined;
  readonly body: unknown;
  readonly conversation: Conversation | undefined;
}

type LateScript = (conversation: Conversation) => Turn | Promise<Turn>;

export interface ClaudeStandIn {
  /** For ANTHROPIC_BASE_URL. */
  readonly url: string;
  readonly requests: () => readonly ClaudeRequest[];
  readonly misbehave: (rule: Misbehaviour) => void;
  /** The script may wait for something that a test does meanwhile. */
  readonly play: (script: LateScript) => void;
  /** @throws when a secret was sent anywhere but in its Authorization or x-api-key header. */
  readonly stop: () => Promise<void>;
}

/** The Anthropic Messages API on loopback: the real protocol, a scripted model. */
export async function startClaude(options: ClaudeOptions = {}): Promise<ClaudeStandIn> {
  const requests: ClaudeRequest[] = [];
  const faults = createFaults();
  const cache = createPromptCache();
  const traffic = recordTraffic({
    system: 'Claude',
    secrets: options.apiKey === undefined ? {} : { 'the API key of Anthropic': options.apiKey },
    headers: ['authorization', 'x-api-key'],
  });
  let script: LateScript = options.script ?? standInScript;

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
    const body = parseJson(await readBody(request, traffic.record(request).body));
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
      fault?.kind === 'refusal' ? { text: 'I cannot help with that.', stop: 'refusal' } : await script(conversation);
    const usage = cache.use(request);
    if (request.stream !== true) return sendJson(response, 200, messageOf(turn, request.model, usage));
    await streamFrames(framesOf(turn, request.model, usage), fault, response, options.paceMs ?? 0);
  }

  return {
    url: `http://127.0.0.1:${port}`,
    requests: () => requests,
    misbehave: faults.add,
    play: (next) => {
      script = next;
    },
    stop: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
      traffic.check();
    },
  };
}

function messageFor(status: number): string {
  if (status === 429) return 'This request would exceed your rate limit.';
  return status === 529 ? 'Overloaded' : `The stand-in was told to answer ${status}.`;
}

function describeModel(id: string): object {
  return { type: 'model', id, display_name: `${id} (stand-in)`, created_at: '2026-10-21T00:00:00Z' };
}
