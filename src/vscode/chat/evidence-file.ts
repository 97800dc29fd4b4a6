import { renderCsv } from '../../agent/evidence/csv.ts';
import type { Evidence } from '../../agent/evidence/types.ts';

/** The full result as a file: CSV for a table, otherwise JSON. The file name says if the source had more rows. */
export function evidenceAsFile(evidence: Evidence): { readonly name: string; readonly text: string } {
  const { id, columns, rows, rowCount, truncated } = evidence;
  if (columns.length === 0) return { name: `${id}.json`, text: `${JSON.stringify(evidence.value, undefined, 2)}\n` };
  return { name: truncated ? `${id}-first-${rowCount}.csv` : `${id}.csv`, text: renderCsv(columns, rows) };
}
