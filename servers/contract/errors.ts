import * as z from 'zod';

/** Every error code of our tools. The host decides by the code, never by the message. */
export const errorCodes = [
  'invalid_arguments',
  'not_configured',
  'unauthorized',
  'forbidden',
  'not_found',
  'not_allowed',
  'refused_by_guard',
  'conflict',
  'rate_limited',
  'quota_exceeded',
  'timeout',
  'cancelled',
  'unreachable',
  'upstream_error',
  'too_large',
  'outcome_unknown',
  'idempotency_mismatch',
  'internal',
] as const;

export type ErrorCode = (typeof errorCodes)[number];

/** `structuredContent.error` of a tool result with `isError: true`. */
export const toolErrorSchema = z.object({
  code: z.enum(errorCodes),
  message: z.string(),
  hint: z.string().optional(),
  retryable: z.boolean(),
  retryAfterMs: z.number().optional(),
  details: z.record(z.string(), z.unknown()).optional(),
});

export type ToolErrorData = z.infer<typeof toolErrorSchema>;
