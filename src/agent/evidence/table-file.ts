import { csvLine } from './csv.ts';
import { numberOf, plainValue } from './cell.ts';
import { renderTable } from './render.ts';
import type { Column } from './types.ts';

export type TableFormat = 'csv' | 'tsv' | 'markdown' | 'json' | 'insert';

export interface Table {
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly unknown[])[];
  /** What a reader of the file must know: that rows are missing, masked or cut. */
  readonly notes: readonly string[];
  /** The table that INSERT statements name. */
  readonly name: string;
}

export const fileEnding: Readonly<Record<TableFormat, string>> = {
  csv: 'csv',
  tsv: 'tsv',
  markdown: 'md',
  json: 'json',
  insert: 'sql',
};

/** CSV, TSV and JSON have no room for the notes; the file's name and the view have them. */
export function renderFile(format: TableFormat, table: Table): string {
  const { columns, rows, notes } = table;
  switch (format) {
    case 'csv':
    case 'tsv': {
      const lines = [columns.map(({ name }) => name), ...rows];
      return lines.map((cells) => `${csvLine(cells, format === 'csv' ? ',' : '\t')}\r\n`).join('');
    }
    case 'markdown':
      return [renderTable(columns, rows, { total: rows.length, truncated: false }), ...notes].join('\n\n').concat('\n');
    case 'json':
      return `${JSON.stringify(
        rows.map((row) => asObject(columns, row)),
        undefined,
        2,
      )}\n`;
    case 'insert':
      return renderInsert(table);
  }
}

/** A column whose name occurred before gets a number, so that no value is lost. */
function asObject(columns: readonly Column[], row: readonly unknown[]): Record<string, unknown> {
  const entries: [string, unknown][] = [];
  const used = new Set<string>();
  for (const [index, { name }] of columns.entries()) {
    let unique = name;
    for (let count = 2; used.has(unique); count += 1) unique = `${name}_${count}`;
    used.add(unique);
    entries.push([unique, row[index] ?? null]);
  }
  return Object.fromEntries(entries);
}

const rowsPerStatement = 500;

function renderInsert({ columns, rows, notes, name }: Table): string {
  const head = `INSERT INTO ${name.split('.').map(quoteName).join('.')} (${columns.map((column) => quoteName(column.name)).join(', ')}) VALUES`;
  const statements: string[] = [];
  for (let start = 0; start < rows.length; start += rowsPerStatement) {
    const lines = rows
      .slice(start, start + rowsPerStatement)
      .map((row) => `  (${columns.map((column, index) => literal(row[index], column)).join(', ')})`);
    statements.push(`${head}\n${lines.join(',\n')};\n`);
  }
  return [...notes.map((note) => `-- ${note.replaceAll(/\s+/gu, ' ')}\n`), ...statements].join('');
}

function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

const numeric = /^(?:int|float|numeric|decimal|bigint|smallint|real|double|oid)/iu;

/** No value can end its literal, whatever `standard_conforming_strings` says. */
function literal(value: unknown, { type }: Column): string {
  if (value === null || value === undefined) return 'NULL';
  if (typeof value === 'boolean') return value ? 'true' : 'false';
  const plain = plainValue(value);
  const isNumber = typeof value === 'number' || numeric.test(type);
  if (isNumber && numberOf(value) !== undefined) return plain;
  const text = plain.replaceAll("'", "''");
  return text.includes('\\') ? `E'${text.replaceAll('\\', String.raw`\\`)}'` : `'${text}'`;
}

/**
 * The table that a query reads, if it reads one and names it plainly, so that its rows can be inserted elsewhere.
 * Otherwise a name to be replaced.
 */
export function tableOfQuery(query: unknown): string {
  const names =
    typeof query === 'string' ? [...query.matchAll(/\b(?:from|join)\s+([a-z_]\w*(?:\.[a-z_]\w*)?)/giu)] : [];
  const [only] = names;
  return names.length === 1 && only?.[1] !== undefined ? only[1].toLowerCase() : 'table_name';
}
