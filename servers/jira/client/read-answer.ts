import type * as z from 'zod';
import { ToolError } from '../../kit/errors.ts';

/** Validates a response. A missing field is the upstream's failure, not the caller's. */
export function read<T>(schema: z.ZodType<T>, answer: unknown): T {
  const parsed = schema.safeParse(answer);
  if (parsed.success) return parsed.data;
  const fields = parsed.error.issues.map((issue) => issue.path.join('.')).join(', ');
  throw new ToolError('upstream_error', `Jira's response is missing a required field: ${fields}).`);
}

/** Something whose key cannot be read was still created. */
export function readCreated<T>(schema: z.ZodType<T>, answer: unknown): T {
  const parsed = schema.safeParse(answer);
  if (parsed.success) return parsed.data;
  throw new ToolError('outcome_unknown', 'Jira accepted the request, but its response does not name what it created.');
}
