import * as z from 'zod';
import type { Sampled, ServerReply } from '../../agent/server-question.ts';

/**
 * One MCP client, whichever SDK speaks for it. Results come as they were sent: whoever asks checks their form.
 * A rejection is a `RefusedRequestError` where the server said no, anything else where there was no answer.
 */
export interface McpClient {
  /** Resolves when the server has been greeted and both know the protocol they speak. */
  readonly connect: (options: ConnectOptions) => Promise<void>;
  readonly request: (method: RequestMethod, params: Params, options: RequestOptions) => Promise<unknown>;
  readonly notify: (method: string, params: Params) => Promise<void>;
  readonly ping: (timeoutMs: number) => Promise<void>;
  /** Whether the server said, when it was greeted, that it has resources. */
  readonly hasResources: () => boolean;
  /** Whether arguments that a schema marks are to be sent as headers, too. */
  readonly mirrorsArguments: () => boolean;
  /** Answers what the server asks; to be called before `connect`. */
  readonly onRequests: (requests: ServerRequests) => void;
  readonly onToolsChanged: (listener: () => void) => void;
  /** Faults of the protocol that belong to no request. */
  readonly onFault: (listener: (message: string) => void) => void;
}

export interface ClientIdentity {
  /** Of Switchboard, told to the server. */
  readonly version: string;
  /** Folders that the server may work in; undefined where it is told of none. */
  readonly roots?: (() => readonly { readonly uri: string; readonly name: string }[]) | undefined;
  /** The server is told that a person may be asked. */
  readonly mayAsk?: boolean;
  /** The server is told that it may ask the model. */
  readonly maySample?: boolean;
}

/** What a server may ask of its client. */
export interface ServerRequests {
  readonly elicit: (params: unknown, signal: AbortSignal) => Promise<ServerReply>;
  /** Throws RefusedRequestError. */
  readonly sample: (params: unknown) => Promise<Extract<Sampled, { kind: 'text' }>>;
}

export type RequestMethod =
  | 'tools/list'
  | 'tools/call'
  | 'resources/read'
  | 'tasks/get'
  | 'tasks/result'
  | 'tasks/cancel';

export type Params = Readonly<Record<string, unknown>>;

export interface ConnectOptions {
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
}

export interface RequestOptions {
  readonly signal: AbortSignal;
  readonly timeoutMs?: number;
  readonly onProgress?: (progress: RequestProgress) => void;
  /** Over HTTP, beside those of the connection. */
  readonly headers?: Readonly<Record<string, string>>;
}

export interface RequestProgress {
  readonly progress: number;
  readonly total?: number | undefined;
  readonly message?: string | undefined;
}

/** The server answered with a JSON-RPC error. */
export class RefusedRequestError extends Error {
  override readonly name = 'RefusedRequestError';
  readonly code: number;
  readonly data: unknown;

  constructor(code: number, message: string, { data, ...options }: ErrorOptions & { readonly data?: unknown } = {}) {
    super(message, options);
    this.code = code;
    this.data = data;
  }
}

/** By its name: the class is in more than one bundle. */
export function isRefusedRequest(error: unknown): error is RefusedRequestError {
  return error instanceof Error && error.name === 'RefusedRequestError' && 'code' in error;
}

/** What a client says of itself to a server. */
export function capabilitiesOf({ roots, mayAsk, maySample }: ClientIdentity) {
  return {
    ...(roots !== undefined && { roots: { listChanged: false } }),
    ...(mayAsk === true && { elicitation: { form: {}, url: {} } }),
    ...(maySample === true && { sampling: {} }),
  };
}

/** In the words of the protocol. */
export function toElicitResult(reply: ServerReply) {
  if (reply.action !== 'accept') return { action: reply.action };
  const content = Object.entries(reply.content ?? {}).map(([name, value]) => [
    name,
    typeof value === 'object' ? [...value] : value,
  ]) satisfies [string, string | number | boolean | string[]][];
  return { action: reply.action, ...(reply.content !== undefined && { content: Object.fromEntries(content) }) };
}

/** In the words of the protocol. */
export function toSampleResult({ text, model, cut }: Extract<Sampled, { kind: 'text' }>) {
  return {
    role: 'assistant' as const,
    content: { type: 'text' as const, text },
    model,
    stopReason: cut ? 'maxTokens' : 'endTurn',
  };
}

/** Any result of a request, as it came. */
export const anyResult = z.looseObject({});
