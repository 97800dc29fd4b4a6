import { withoutConstants } from '../guard/constants.ts';
import type { MaskedColumns } from '../guard/mask/masked-columns.ts';
import type { MaskedParts } from '../guard/mask/masked-parts.ts';

interface Table {
  readonly columns: readonly Column[];
  readonly partition_key?: string | undefined;
}

interface Column {
  readonly name: string;
  readonly default?: string | undefined;
  readonly values?: readonly string[] | undefined;
  readonly types?: readonly string[] | undefined;
}

/** Names, or texts written by people: these contain no SQL constants. */
const words: ReadonlySet<string> = new Set(['schema', 'table', 'kind', 'comment', 'name']);

/**
 * A table's description without masked data: no known values, and no constants wherever a masked column is mentioned.
 * If it is unknown what a view shows, all its columns count as masked.
 */
export function maskTable(table: Table, relation: string, masked: MaskedColumns): Record<string, unknown> {
  const parts = masked.of(relation);
  const mentions = mentioning(parts);
  const key = table.partition_key;
  const hide = (field: string, value: unknown): unknown => {
    if (words.has(field)) return value;
    if (Array.isArray(value)) return value.map((item: unknown) => hide(field, item));
    if (typeof value !== 'string') return value;
    const policy = field === 'policies' && masked.shows('policy');
    const bound = field === 'partitions' && key !== undefined && mentions(key);
    return policy || bound || mentions(value) ? withoutConstants(value) : value;
  };
  const rest = Object.entries(table).map(([field, value]): [string, unknown] => [
    field,
    field === 'columns' ? [] : hide(field, value),
  ]);
  const columns = table.columns.map((column) =>
    parts?.whole === true || parts?.columns.has(column.name) === true ? maskColumn(column) : column,
  );
  return { ...Object.fromEntries<unknown>(rest), columns };
}

function maskColumn(column: Column): Column & { readonly masked: true } {
  return {
    ...column,
    values: undefined,
    ...(column.default !== undefined && { default: withoutConstants(column.default) }),
    ...(column.types !== undefined && { types: column.types.map(withoutConstants) }),
    masked: true,
  };
}

function mentioning(parts: MaskedParts | undefined): (definition: string) => boolean {
  if (parts === undefined) return () => false;
  if (parts.whole) return () => true;
  const names = [...parts.columns].map((name) =>
    name.replaceAll('"', '""').replaceAll(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`),
  );
  const pattern = new RegExp(String.raw`(?<![\p{L}\p{N}_$])(?:${names.join('|')})(?![\p{L}\p{N}_$])|\.\*`, 'u');
  return (definition) => pattern.test(definition);
}
