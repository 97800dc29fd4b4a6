import type { Preview } from '../../contract/preview.ts';
import type { ToolContext } from '../../kit/define-tool.ts';
import type { JiraConnection } from '../connection.ts';

export type Context = ToolContext<JiraConnection>;

/** One way to take a change of an issue back. */
export interface Undo<Change> {
  readonly preview: (issueKey: string, change: Change, context: Context) => Promise<Preview>;
  /** @returns what was done, as text */
  readonly run: (issueKey: string, change: Change, context: Context) => Promise<Undone>;
}

interface Undone {
  readonly said: string;
  readonly warnings: readonly string[];
}

/** What every preview here leaves empty. */
export const nothingElse = { warnings: [], duplicates: [], linkHosts: [], mentions: [] } as const;
