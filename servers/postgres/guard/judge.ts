import type { Catalog } from '../catalog.ts';
import type { Session } from '../session.ts';
import type { Parsed } from './parse.ts';
import { checkShape } from './shape.ts';

export interface Verdict {
  /** What to run: the caller's text, with masked tables replaced. */
  readonly sql: string;
  readonly masked: readonly string[];
}

/**
 * Everything that has to hold before a statement is run.
 * @throws ToolError `refused_by_guard`
 */
export async function judge(parsed: Parsed, _catalog: Catalog, _session: Session): Promise<Verdict> {
  checkShape(parsed);
  return { sql: parsed.sql, masked: [] };
}
