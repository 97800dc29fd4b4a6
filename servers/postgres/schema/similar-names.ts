import type { Statement } from '../connection/statement.ts';
import { fromRelations, listed, sqlLabel } from '../catalog/relations.ts';

/** Names that differ more in length are not similar. */
const maxLengthApart = 12;
const maxCandidates = 20_000;

/** Candidates among all names that the role may read; `nearest` chooses from them. */
export function namesLike(name: string): Statement {
  return {
    text: `select n.nspname, c.relname, ${sqlLabel} ${fromRelations}
      where ${listed} and pg_catalog.abs(pg_catalog.length(c.relname::text) - $1::int) <= ${maxLengthApart}
      limit ${maxCandidates}`,
    values: [String(Array.from(name).length)],
  };
}

/** The three most similar names by shared trigrams, quoted for SQL. */
export function nearest(name: string, rows: readonly (readonly (string | null)[])[]): string[] {
  const wanted = trigrams(name);
  const apart = (other: string): number => Math.abs(other.length - name.length);
  const scored = rows
    .map(([, table, label]) => ({ table: table ?? '', label: label ?? '' }))
    .map((one) => ({ ...one, score: likeness(wanted, trigrams(one.table)) }))
    .filter((one) => one.score >= 0.25)
    .sort((a, b) => b.score - a.score || apart(a.table) - apart(b.table) || (a.label < b.label ? -1 : 1));
  const same = scored.filter((one) => one.table.toLowerCase() === name.toLowerCase());
  return (same.length > 0 ? same : scored).slice(0, 3).map((one) => one.label);
}

export function didYouMean(near: readonly string[]): string {
  return near.length > 0 ? `Did you mean ${near.join(', ')}?` : 'list_tables shows all tables.';
}

function trigrams(text: string): Set<string> {
  const padded = `  ${text.toLowerCase()} `;
  return new Set(Array.from({ length: padded.length - 2 }, (_, index) => padded.slice(index, index + 3)));
}

function likeness(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  const shared = [...a].filter((gram) => b.has(gram)).length;
  return shared / (a.size + b.size - shared);
}
