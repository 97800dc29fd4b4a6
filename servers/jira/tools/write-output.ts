import * as z from 'zod';
import { outcomeSchema } from '../../contract/preview.ts';

/** What a write to an issue answers. */
export const writeOutput = z.object({
  outcome: outcomeSchema,
  issue_key: z.string(),
  issue_url: z.string(),
  warnings: z.array(z.string()),
});

/** Room for what the answer of a lost write may be off by: the clocks of two machines. */
const clockSkewMs = 120_000;

/** Whether something of Jira's can have been made by a send that began then. */
export function isSince(created: string | undefined, since: Date): boolean {
  return created !== undefined && Date.parse(created) >= since.getTime() - clockSkewMs;
}
