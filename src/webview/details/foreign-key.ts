/** A key as the database writes it. */
export interface ForeignKey {
  readonly columns: readonly string[];
  /** As it can be asked for: `shop.customers`. */
  readonly table: string;
  readonly references: string;
}

const name = /"(?:[^"]|"")+"|[^\s",().]+/u.source;
const key = new RegExp(
  String.raw`^FOREIGN KEY \((?<columns>[^)]*)\) REFERENCES (?<table>(?:${name})(?:\.(?:${name}))?)\((?<references>[^)]*)\)`,
  'u',
);

/** `FOREIGN KEY (customer_id) REFERENCES customers(id)`. undefined for what is written differently. */
export function readForeignKey(definition: string): ForeignKey | undefined {
  const { columns, table, references } = key.exec(definition)?.groups ?? {};
  if (columns === undefined || table === undefined || references === undefined) return undefined;
  return { columns: columns.split(', ').map(plainName), table, references };
}

/** `orders: FOREIGN KEY (customer_id) REFERENCES customers(id)`: the table that refers to this one. */
export function readReference(definition: string): { readonly table: string; readonly key: string } | undefined {
  const at = definition.indexOf(': FOREIGN KEY ');
  return at < 1 ? undefined : { table: definition.slice(0, at), key: definition.slice(at + 2) };
}

function plainName(written: string): string {
  return written.startsWith('"') ? written.slice(1, -1).replaceAll('""', '"') : written;
}
