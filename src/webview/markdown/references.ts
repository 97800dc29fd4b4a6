import type { EvidenceView } from '../../chat/vocabulary.ts';
import { valueText } from '../format/value.ts';

/** Existing evidence by id. Only this becomes links, tables and values. */
export type Known = Pick<ReadonlyMap<string, EvidenceView>, 'get' | 'has'>;

/** What a reference such as `{{E4}}`, `{{E5 chart}}` or `{{E4[0].failed_count}}` in an answer stands for. */
export type Reference =
  | { readonly kind: 'table'; readonly view: EvidenceView; readonly chart: boolean }
  | { readonly kind: 'value'; readonly id: string; readonly text: string }
  /** There is nothing to show in place: only the id, as a link where it is known. */
  | { readonly kind: 'name'; readonly id: string };

const reference = /\{\{\s*(E\d{1,5})([^{}\n]{0,300})\}\}/gu;

/** The text between references, and the references. */
export function splitReferences(text: string, known: Known): readonly (string | Reference)[] {
  const parts: (string | Reference)[] = [];
  let end = 0;
  for (const match of text.matchAll(reference)) {
    const [whole, id = '', body = ''] = match;
    parts.push(text.slice(end, match.index), resolve(id, body.trim(), known));
    end = match.index + whole.length;
  }
  return [...parts, text.slice(end)].filter((part) => part !== '');
}

/** Takes a reference off the end that is still being written. */
export function withoutUnfinished(text: string): string {
  return text.replace(/\{\{?(?:\s*(?:E[^{}\n]{0,300})?\}?)?$/u, '');
}

function resolve(id: string, body: string, known: Known): Reference {
  const view = known.get(id);
  if (view === undefined) return { kind: 'name', id };
  const text = valueOf(view, body);
  if (text !== undefined) return { kind: 'value', id, text };
  const isTable = body === '' || /^(?:chart|as|columns|rows)\b/u.test(body);
  if (!isTable || view.columns.length === 0) return { kind: 'name', id };
  return { kind: 'table', view: partOf(view, body), chart: /\bchart\b/u.test(body) };
}

function valueOf({ columns, rows, rowCount }: EvidenceView, body: string): string | undefined {
  if (body === '.row_count') return String(rowCount);
  const [, row, name] = /^\[(\d{1,6})\]\.(.+)$/u.exec(body) ?? [];
  const column = columns.findIndex((candidate) => candidate.name === name);
  return row === undefined ? undefined : valueText(rows[Number(row)]?.[column]);
}

/** The columns and rows that are named. Columns are picked only where all rows are here: the host knows only whole rows. */
function partOf(view: EvidenceView, body: string): EvidenceView {
  const rows = view.rows.slice(0, Number(/\brows=(\d{1,6})\b/u.exec(body)?.[1] ?? view.rows.length));
  const names = /\bcolumns=(\S+)/u.exec(body)?.[1]?.split(',') ?? [];
  const picked = names.map((name) => view.columns.findIndex((column) => column.name === name));
  if (picked.length === 0 || picked.includes(-1) || view.rows.length < view.rowCount) return { ...view, rows };
  return {
    ...view,
    columns: picked.flatMap((index) => view.columns[index] ?? []),
    rows: rows.map((row) => picked.map((index) => row[index])),
    rowCount: rows.length,
  };
}
