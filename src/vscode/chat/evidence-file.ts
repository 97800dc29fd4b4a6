import { renderCsv } from '../../agent/evidence/csv.ts';
import type { Evidence } from '../../agent/evidence/types.ts';

/** A result whole, as a file: a table as CSV, anything else as JSON. The name says where the source had more. */
export function evidenceAsFile(evidence: Evidence): { readonly name: string; readonly text: string } {
  const { id, columns, rows, rowCount, truncated } = evidence;
  if (columns.length === 0) return { name: `${id}.json`, text: `${JSON.stringify(evidence.value, undefined, 2)}\n` };
  return { name: truncated ? `${id}-first-${rowCount}.csv` : `${id}.csv`, text: renderCsv(columns, rows) };
}
