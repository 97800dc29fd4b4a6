import * as z from 'zod';

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
  readonly onToolsChanged: (listener: () => void) => void;
  /** Faults of the protocol that belong to no request. */
  readonly onFault: (listener: (message: string) => void) => void;
}

export interface ClientIdentity {
  /** Of Switchboard, told to the server. */
  readonly version: string;
  /** Folders that the server may work in; undefined where it is told of none. */
  readonly roots?: (() => readonly { readonly uri: string; readonly name: string }[]) | undefined;
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

  constructor(code: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** By its name: the class is in more than one bundle. */
export function isRefusedRequest(error: unknown): error is RefusedRequestError {
  return error instanceof Error && error.name === 'RefusedRequestError' && 'code' in error;
}

/** Any result of a request, as it came. */
export const anyResult = z.looseObject({});
