import type * as z from 'zod';
import { ToolError } from '../../kit/errors.ts';

/** Checks an answer. What we asked for and did not get is the upstream's failure, not the caller's. */
export function read<T>(schema: z.ZodType<T>, answer: unknown): T {
  const parsed = schema.safeParse(answer);
  if (parsed.success) return parsed.data;
  const fields = parsed.error.issues.map((issue) => issue.path.join('.')).join(', ');
  throw new ToolError('upstream_error', `Jira's answer lacks what it should hold (${fields}).`);
}

/** A created thing whose key cannot be read has been created all the same. */
export function readCreated<T>(schema: z.ZodType<T>, answer: unknown): T {
  const parsed = schema.safeParse(answer);
  if (parsed.success) return parsed.data;
  throw new ToolError('outcome_unknown', 'Jira accepted the request, but its answer does not name what it made.');
}
