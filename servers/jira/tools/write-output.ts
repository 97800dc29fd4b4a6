import * as z from 'zod';
import { outcomeSchema } from '../../contract/preview.ts';

/** What a write to an issue answers. */
export const writeOutput = z.object({
  outcome: outcomeSchema,
  issue_key: z.string(),
  issue_url: z.string(),
  warnings: z.array(z.string()),
});

interface Written<More> {
  readonly key: string;
  readonly url: string;
  /** In words. */
  readonly said: string;
  readonly warnings: readonly string[];
  readonly more: More;
}

export function written<More extends object>({ key, url, said, warnings, more }: Written<More>) {
  return {
    structured: { outcome: 'done' as const, issue_key: key, issue_url: url, warnings: [...warnings], ...more },
    text: [said, ...warnings].join('\n'),
  };
}

/** Room for what the answer of a lost write may be off by: the clocks of two machines. */
const clockSkewMs = 120_000;

/** Whether something of Jira's can have been made by a send that began then. */
export function isSince(created: string | undefined, since: Date): boolean {
  return created !== undefined && Date.parse(created) >= since.getTime() - clockSkewMs;
}
