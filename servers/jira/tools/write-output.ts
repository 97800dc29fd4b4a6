import * as z from 'zod';
import { outcomeSchema } from '../../contract/preview.ts';

/** The output of a write to an issue. */
export const writeOutput = z.object({
  outcome: outcomeSchema,
  issue_key: z.string(),
  issue_url: z.string(),
  warnings: z.array(z.string()),
});

/** What `undo_jira_change` needs to take it back. Absent if that is not possible. */
export const undoData = z.record(z.string(), z.unknown()).optional();

interface Written<More> {
  readonly key: string;
  readonly url: string;
  /** As text. */
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

/** The allowed difference between the clocks of two machines when looking for a lost write. */
const clockSkewMs = 120_000;

/** Whether something in Jira may have been created by a send that started at that time. */
export function isSince(created: string | undefined, since: Date): boolean {
  return created !== undefined && Date.parse(created) >= since.getTime() - clockSkewMs;
}
