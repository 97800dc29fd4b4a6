import * as z from 'zod';

/**
 * Keys of `_meta` that host and servers agree on. A server works without any of them, since other MCP clients send
 * none. `preview` and `idempotent` appear in tool definitions; `caller` comes with the list of tools; all
 * but `idempotent` and `caller` may appear in calls.
 */
export const metaKeys = {
  /** Definition: the tool supports preview calls. Call: describe what would happen, change nothing upstream. */
  preview: 'dev.switchboard/preview',
  /** Definition: the tool supports idempotency keys. */
  idempotent: 'dev.switchboard/idempotent',
  idempotencyKey: 'dev.switchboard/idempotency-key',
  run: 'dev.switchboard/run',
  /** A name for the call, which `stopNotificationSchema` refers to. */
  call: 'dev.switchboard/call',
  approval: 'dev.switchboard/approval',
  /** List of tools, over HTTP: the caller's name as the server verified it. */
  caller: 'dev.switchboard/caller',
  traceparent: 'traceparent',
} as const;

export const runMetaSchema = z.object({
  session: z.string(),
  run: z.string(),
  actor: z.string().optional(),
});

export const approvalMetaSchema = z.object({
  id: z.string(),
  decision: z.string(),
  /** sha256 (hex) of the bytes that the person was shown. */
  sha256: z.string(),
});

export const callMetaSchema = z.object({
  [metaKeys.preview]: z.boolean().optional(),
  [metaKeys.idempotencyKey]: z.string().min(8).max(200).optional(),
  [metaKeys.run]: runMetaSchema.optional(),
  [metaKeys.call]: z.string().max(200).optional(),
  [metaKeys.approval]: approvalMetaSchema.optional(),
  [metaKeys.traceparent]: z.string().optional(),
});

/**
 * Asks a server to cancel a call but still answer it. MCP's own `notifications/cancelled` forbids an answer, so the
 * client would never learn whether a write in progress was made.
 */
export const stopNotificationSchema = z.object({
  method: z.literal('notifications/dev.switchboard/stop'),
  params: z.object({ call: z.string().max(200) }),
});

export type RunMeta = z.infer<typeof runMetaSchema>;
export type ApprovalMeta = z.infer<typeof approvalMetaSchema>;
