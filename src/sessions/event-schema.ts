import * as z from 'zod';
import { previewSchema } from '../../servers/contract/preview.ts';
import type { RunEvent } from '../agent/events.ts';
import type { Message } from '../agent/model/model.ts';

// Session files are read by later versions and may be edited by hand, so everything in them is validated. The types at
// the end keep these schemas equal to what they describe.

const json = z.record(z.string(), z.unknown());
const risk = z.enum(['read', 'write', 'destructive']);

const toolSchema = z.object({
  name: z.string(),
  plainName: z.string(),
  server: z.string(),
  title: z.string(),
  description: z.string(),
  inputSchema: json,
  risk,
  trusted: z.boolean(),
  preview: z.boolean(),
  idempotent: z.boolean(),
  change: z.exactOptional(
    z.discriminatedUnion('kind', [
      z.object({ kind: z.literal('new'), sha256: z.string() }),
      z.object({
        kind: z.literal('changed'),
        sha256: z.string(),
        parts: z.array(z.string()),
        diff: z.array(z.string()),
      }),
    ]),
  ),
});

/** Older session files call `supportedBy` `heldBy`. */
const claimSchema = z
  .object({
    text: z.string(),
    supportedBy: z.string().optional(),
    heldBy: z.string().optional(),
    evidence: z.string().optional(),
    suggestion: z
      .object({ text: z.string(), source: z.string(), evidence: z.string(), arguments: z.array(z.string()) })
      .optional(),
  })
  .transform(({ heldBy, supportedBy = heldBy, ...claim }) => ({ ...claim, supportedBy }));

const approvalRequestedSchema = z
  .object({
    type: z.literal('approval-requested'),
    id: z.string(),
    callId: z.string(),
    tool: toolSchema,
    arguments: json,
    preview: previewSchema.optional(),
    warnings: z.array(z.string()),
    claims: z.array(claimSchema).optional(),
    reasons: z.array(z.string()),
    draft: json.optional(),
    undo: z.string().optional(),
    batch: z.object({ id: z.string(), index: z.number(), count: z.number() }).optional(),
    failed: z.string().optional(),
    scopes: z.array(z.enum(['run', 'always'])),
    sha256: z.string(),
  })
  // JSON has no undefined, so the key is missing when it is read back.
  .transform(({ preview, ...event }) => ({ ...event, preview }));

const failureSchema = z.object({
  code: z.string(),
  message: z.string(),
  hint: z.string().optional(),
  retryable: z.boolean(),
  retryAfterMs: z.number().optional(),
  details: json.optional(),
});

const usageSchema = z
  .object({
    turns: z.number(),
    toolCalls: z.number(),
    inputTokens: z.number(),
    cacheReadTokens: z.number(),
    outputTokens: z.number(),
    cost: z.number().optional(),
  })
  .transform(({ cost, ...usage }) => ({ ...usage, cost }));

const evidenceViewSchema = z.object({
  id: z.string(),
  tool: z.string(),
  title: z.string(),
  arguments: json,
  time: z.string(),
  rowCount: z.number(),
  truncated: z.boolean(),
  sha256: z.string(),
  columns: z.array(z.object({ name: z.string(), type: z.string() })),
  rows: z.array(z.array(z.unknown())),
});

const runSchemas = [
  z.object({
    type: z.literal('run-started'),
    session: z.string(),
    run: z.string(),
    time: z.string(),
    model: z.string(),
    prompt: z.string(),
    runbook: z.exactOptional(
      z.object({
        name: z.string(),
        parameters: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
      }),
    ),
    forecast: z.exactOptional(z.object({ tokens: z.number(), cost: z.exactOptional(z.number()), runs: z.number() })),
    resumed: z.exactOptional(z.literal(true)),
    undoes: z.exactOptional(z.string()),
  }),
  z.object({
    type: z.literal('plan-changed'),
    steps: z.array(z.object({ text: z.string(), status: z.enum(['pending', 'running', 'done', 'skipped']) })),
  }),
  z.object({
    type: z.literal('condition-evaluated'),
    condition: z.object({ name: z.string(), expression: z.string(), explained: z.string(), holds: z.boolean() }),
  }),
  z.object({ type: z.literal('text-delta'), text: z.string() }),
  z.object({ type: z.literal('thinking-delta'), text: z.string() }),
  z.object({ type: z.literal('turn-restarted') }),
  z.object({ type: z.literal('usage-changed'), usage: usageSchema }),
  z.object({
    type: z.literal('retry-scheduled'),
    reason: z.string(),
    attempt: z.number(),
    delayMs: z.number(),
  }),
  z.object({ type: z.literal('context-compacted'), shortenedResults: z.number(), tokensBefore: z.number() }),
  z.object({
    type: z.literal('run-finished'),
    reason: z.enum(['completed', 'inconclusive', 'cancelled', 'denied', 'waiting', 'budget', 'refused', 'failed']),
    message: z.string(),
    writeNotGranted: z.boolean(),
    code: z.string().optional(),
  }),
] as const;

const imageSchema = z.object({
  mediaType: z.enum(['image/png', 'image/jpeg', 'image/gif', 'image/webp']),
  data: z.string(),
});

const callSchemas = [
  z.object({
    type: z.literal('tool-call-proposed'),
    callId: z.string(),
    tool: z.string(),
    server: z.string(),
    title: z.string(),
    risk,
    arguments: json,
  }),
  approvalRequestedSchema,
  z.object({
    type: z.literal('approval-resolved'),
    callId: z.string(),
    decision: z.enum(['allowed', 'denied']),
    by: z.enum(['person', 'grant', 'policy']),
    reason: z.string(),
  }),
  z.object({ type: z.literal('tool-call-started'), callId: z.string(), arguments: json.optional() }),
  z.object({
    type: z.literal('tool-call-progressed'),
    callId: z.string(),
    message: z.string(),
    done: z.number().optional(),
    total: z.number().optional(),
  }),
  z.object({
    type: z.literal('tool-call-finished'),
    callId: z.string(),
    outcome: z.enum(['ok', 'failed', 'denied', 'cancelled']),
    durationMs: z.number(),
    summary: z.string(),
    rows: z.number().optional(),
    link: z.object({ label: z.string(), url: z.string() }).optional(),
    undo: z.string().optional(),
    failure: failureSchema.optional(),
    images: z.array(imageSchema).exactOptional(),
  }),
  z.object({ type: z.literal('evidence-added'), callId: z.string(), evidence: evidenceViewSchema }),
] as const;

export const runEventSchema = z.discriminatedUnion('type', [
  ...runSchemas,
  ...callSchemas,
]) satisfies z.ZodType<RunEvent>;

const toolInputSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('complete'), value: json }),
  z.object({ kind: z.literal('broken'), text: z.string() }),
]);

export const messageSchema = z.discriminatedUnion('role', [
  z.object({
    role: z.literal('user'),
    content: z.array(
      z.discriminatedUnion('type', [
        z.object({ type: z.literal('text'), text: z.string(), images: z.array(imageSchema).exactOptional() }),
        z.object({
          type: z.literal('tool-result'),
          callId: z.string(),
          text: z.string(),
          isError: z.boolean(),
          images: z.array(imageSchema).exactOptional(),
        }),
      ]),
    ),
  }),
  z.object({
    role: z.literal('assistant'),
    content: z.array(
      z.discriminatedUnion('type', [
        z.object({ type: z.literal('text'), text: z.string() }),
        z.object({ type: z.literal('tool-call'), id: z.string(), name: z.string(), input: toolInputSchema }),
        z.object({ type: z.literal('opaque'), value: z.unknown() }),
      ]),
    ),
  }),
]) satisfies z.ZodType<Message>;
