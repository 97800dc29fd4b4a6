import * as z from 'zod';

const parametersSchema = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]));

const optionsSchema = z.object({
  /** Parameters whose values came with a webhook. */
  fromOthers: z.array(z.string()).readonly().default([]),
  acceptGrants: z.boolean().default(false),
  /** Of the incident: each alert that was ever told as one of it. */
  parts: z.array(z.string()).readonly().optional(),
});

export type OccasionOptions = z.infer<typeof optionsSchema>;

/** A row of switchboard.occasion. */
const rowSchema = z.object({
  id: z.string(),
  name: z.string(),
  runbook: z.string(),
  /** JSON */
  parameters: z.string().transform((text) => parametersSchema.parse(JSON.parse(text))),
  /** Who or what asked. */
  source: z.string(),
  session: z.string(),
  state: z.enum(['queued', 'running', 'waiting', 'ended']),
  holder: z.string().nullable(),
  touched: z.date(),
  attempts: z.int(),
  created: z.date(),
  started: z.date().nullable(),
  ended: z.date().nullable(),
  /** How the last attempt ended. */
  reason: z.string().nullable(),
  exit_code: z.int().nullable(),
  message: z.string().nullable(),
  /** Where the end is told. */
  reply: z.string().nullable(),
  /** JSON */
  options: z.string().transform((text) => optionsSchema.parse(JSON.parse(text))),
});

export type OccasionRow = z.infer<typeof rowSchema>;

export function readRow(row: unknown): OccasionRow {
  return rowSchema.parse(row);
}
