import type { CallView } from '../../chat/chat-state.ts';
import type { EvidenceView } from '../../chat/vocabulary.ts';

/** Rows of a table by the names of their columns. */
export type NamedRow = (column: string) => unknown;

/** The rows that this tool of this server of ours returned in the session. A third party can copy a tool's name only. */
export function* rowsOf(
  server: string,
  tools: readonly string[],
  calls: readonly CallView[],
  evidence: readonly EvidenceView[],
): Generator<NamedRow> {
  const ids = new Set(calls.flatMap((call) => (call.server === server ? call.evidence : [])));
  for (const { id, tool, columns, rows } of evidence) {
    if (!ids.has(id) || !tools.includes(tool)) continue;
    const at = new Map(columns.map(({ name }, index) => [name, index]));
    for (const row of rows) yield (column) => row[at.get(column) ?? -1];
  }
}
