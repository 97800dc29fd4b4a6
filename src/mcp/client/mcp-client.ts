import * as z from 'zod';
import type { Sampled, ServerReply } from '../../agent/server-question.ts';

/**
 * One MCP client over either SDK. Results arrive as sent; the caller validates them. A call rejects with
 * `RefusedRequestError` when the server returned an error, and with anything else when there was no response.
 */
export interface McpClient {
  /** Resolves when the handshake is done and the protocol version is agreed. */
  readonly connect: (options: ConnectOptions) => Promise<void>;
  readonly request: (method: RequestMethod, params: Params, options: RequestOptions) => Promise<unknown>;
  readonly notify: (method: string, params: Params) => Promise<void>;
  readonly ping: (timeoutMs: number) => Promise<void>;
  /** Whether the server declared resources in the handshake. */
  readonly hasResources: () => boolean;
  /** Whether arguments that a schema marks are to be sent as headers, too. */
  readonly mirrorsArguments: () => boolean;
  /** Handles the server's requests. Call it before `connect`. */
  readonly onRequests: (requests: ServerRequests) => void;
  readonly onToolsChanged: (listener: () => void) => void;
  /** Protocol errors that belong to no request. */
  readonly onFault: (listener: (message: string) => void) => void;
}

export interface ClientIdentity {
  /** Switchboard's version, sent to the server. */
  readonly version: string;
  /** Folders the server may work in; undefined when it is told of none. */
  readonly roots?: (() => readonly { readonly uri: string; readonly name: string }[]) | undefined;
  /** Declares that the user can be asked. */
  readonly mayAsk?: boolean;
  /** Declares that the server may ask the model. */
  readonly maySample?: boolean;
}

/** What a server may request from its client. */
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

/** The options of a request in the words of both SDKs. */
export function sdkOptions({ signal, timeoutMs, onProgress }: RequestOptions) {
  return {
    signal,
    ...(timeoutMs !== undefined && { timeout: timeoutMs }),
    ...(onProgress !== undefined && { onprogress: onProgress }),
  };
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

/** A remote server, or something in front of it, answered with an HTTP status that is an error. */
export class HttpFaultError extends Error {
  override readonly name = 'HttpFaultError';
  readonly status: number;
  readonly body: string;
  /** The scopes that the token lacks, if the server said so. */
  readonly missingScope: string | undefined;

  constructor(
    status: number,
    {
      body = '',
      missingScope,
      ...options
    }: ErrorOptions & { readonly body?: string; readonly missingScope?: string | undefined } = {},
  ) {
    super(`answered with HTTP ${status}`, options);
    this.status = status;
    this.body = body;
    this.missingScope = missingScope;
  }
}

/** Compared by name, because the class is in more than one bundle. */
export function isHttpFault(error: unknown): error is HttpFaultError {
  return error instanceof Error && error.name === 'HttpFaultError' && 'status' in error;
}

/** Compared by name, because the class is in more than one bundle. */
export function isRefusedRequest(error: unknown): error is RefusedRequestError {
  return error instanceof Error && error.name === 'RefusedRequestError' && 'code' in error;
}

/** What the client declares about itself to a server. */
export function capabilitiesOf({ roots, mayAsk, maySample }: ClientIdentity) {
  return {
    ...(roots !== undefined && { roots: { listChanged: false } }),
    ...(mayAsk === true && { elicitation: { form: {}, url: {} } }),
    ...(maySample === true && { sampling: {} }),
  };
}

/** In the protocol's format. */
export function toElicitResult(reply: ServerReply) {
  if (reply.action !== 'accept') return { action: reply.action };
  const content = Object.entries(reply.content ?? {}).map(([name, value]) => [
    name,
    typeof value === 'object' ? [...value] : value,
  ]) satisfies [string, string | number | boolean | string[]][];
  return { action: reply.action, ...(reply.content !== undefined && { content: Object.fromEntries(content) }) };
}

/** In the protocol's format. */
export function toSampleResult({ text, model, cut }: Extract<Sampled, { kind: 'text' }>) {
  return {
    role: 'assistant' as const,
    content: { type: 'text' as const, text },
    model,
    stopReason: cut ? 'maxTokens' : 'endTurn',
  };
}

/** Any result of a request, as received. */
export const anyResult = z.looseObject({});
