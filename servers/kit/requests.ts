import type * as z from 'zod';
import type { Caller } from './caller/caller.ts';

/** One request and what it may use while it runs. */
export interface Exchange<Connection> {
  readonly connection: Connection;
  readonly caller: Caller | undefined;
  /** Aborts when the client cancels or disconnects. */
  readonly signal: AbortSignal;
  readonly notify: (method: string, params: Record<string, unknown>) => Promise<void>;
}

export type Answer = Record<string, unknown>;

export type Handler<Connection> = (params: unknown, exchange: Exchange<Connection>) => Promise<Answer>;

/** A protocol error, as opposed to a tool error. Both SDKs send `code`, `message` and `data` unchanged. */
export class ProtocolFault extends Error {
  readonly code: number;
  readonly data: Record<string, unknown> | undefined;

  constructor(code: number, message: string, data?: Record<string, unknown>) {
    super(message);
    this.name = 'ProtocolFault';
    this.code = code;
    this.data = data;
  }
}

export const invalidParams = -32602;
export const internalError = -32603;

/** @throws ProtocolFault that names the field. */
export function readParams<Params>(schema: z.ZodType<Params>, params: unknown): Params {
  const parsed = schema.safeParse(params ?? {});
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw new ProtocolFault(invalidParams, `Invalid parameters: ${issues.join('; ')}`);
}
