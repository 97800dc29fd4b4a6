import type { GuardSettings } from '../../config/config.ts';
import type { Session } from '../../connection/session.ts';
import { encodeParameter } from '../../values.ts';
import { catalogColumns, doorFunctions, printers, type Door } from './masked-catalog.ts';
import { columnNames, madeByFunctions, namedColumns, nextColumns, openDoors, policyTables } from './masked-queries.ts';
import type { MaskedParts } from './masked-parts.ts';
import { withViewColumns } from './masked-views.ts';
import { firstOfUsers } from '../../catalog/queries.ts';

/** Compiling these queries would take longer than running them. Applies to the transaction. */
const withoutJit = { text: 'set local jit = off' };

interface Column {
  readonly relation: string;
  readonly attribute: number;
  readonly held: boolean;
  readonly origin: string;
}

/** The single source of what is masked, for queries, schemas, resources, plans and errors. */
export class MaskedColumns {
  readonly #parts: ReadonlyMap<string, MaskedParts>;
  readonly #doors: ReadonlySet<Door>;
  /** `schema.table` of tables whose row-level security uses masked columns. */
  readonly policyTables: ReadonlySet<string>;

  private constructor(
    parts: ReadonlyMap<string, MaskedParts>,
    doors: ReadonlySet<Door>,
    policyTables: ReadonlySet<string>,
  ) {
    this.#parts = parts;
    this.#doors = doors;
    this.policyTables = policyTables;
  }

  static async read(settings: GuardSettings, session: Session): Promise<MaskedColumns> {
    if (settings.maskedColumns.length === 0) return new MaskedColumns(new Map(), new Set(), new Set());
    const found = await findColumns(settings, session);
    const ofTables = found.filter(({ relation }) => Number(relation) >= firstOfUsers);
    const [, named, doors, protectedTables] = await session.readAll([
      withoutJit,
      { text: columnNames, values: asParameters(found) },
      { text: openDoors, values: asParameters(ofTables) },
      { text: policyTables, values: asParameters(ofTables) },
    ]);
    const parts = new Map<string, { columns: Set<string>; whole: boolean; origin: string }>();
    for (const { relation, attribute, origin } of found) {
      const part = parts.get(relation) ?? { columns: new Set(), whole: false, origin };
      parts.set(relation, attribute === 0 ? { ...part, whole: true, origin } : part);
    }
    for (const [relation, name] of named?.rows ?? []) parts.get(relation ?? '')?.columns.add(name ?? '');
    const labels = protectedTables?.rows.map(([label]) => label ?? '');
    const refined = await withViewColumns(parts, session);
    return new MaskedColumns(refined, new Set(['always', ...doorsOf(doors?.rows ?? [])]), new Set(labels));
  }

  /** @param relation its object id. @returns undefined if nothing in it is masked. */
  of(relation: string): MaskedParts | undefined {
    return this.#parts.get(relation);
  }

  /** Whether constants in catalog texts may be values of masked columns. */
  shows(door: Door): boolean {
    return this.#doors.has(door);
  }

  /** What the function reveals: its whole result may be values, or only the constants in it. */
  isShownBy(functionName: string): 'values' | 'constants' | undefined {
    const open = (doors: readonly Door[] | undefined): boolean => doors?.some((door) => this.shows(door)) ?? false;
    if (open(doorFunctions.get(functionName))) return 'values';
    return open(printers.get(functionName)) ? 'constants' : undefined;
  }

  /** Catalog columns that show masked values, with their replacements. */
  ofCatalog(schema: string, relation: string): ReadonlyMap<string, ((column: string) => string) | undefined> {
    const found = catalogColumns.filter(
      (one) =>
        one.relation === relation &&
        (one.schema === undefined || one.schema === schema) &&
        one.doors.some((door) => this.shows(door)),
    );
    const masked = `'{${[...this.#parts.keys()].join(',')}}'::pg_catalog.oid[]`;
    return new Map(
      found.map(({ column, instead }) => [
        column,
        instead === undefined ? undefined : (quoted) => instead(quoted, masked),
      ]),
    );
  }

  /** Catalog names that a view must not use if it is unknown what it reads from them. */
  get catalogNames(): { readonly columns: ReadonlySet<string>; readonly relations: ReadonlySet<string> } {
    const found = catalogColumns.filter(
      (one) => one.schema !== undefined && one.doors.some((door) => this.shows(door)),
    );
    return {
      columns: new Set(found.map((one) => one.column)),
      relations: new Set(found.map((one) => one.relation)),
    };
  }
}

function doorsOf(rows: readonly (readonly (string | null)[])[]): Door[] {
  const known = new Set(
    [...doorFunctions.values(), ...printers.values(), ...catalogColumns.map(({ doors }) => doors)].flat(),
  );
  return [...known].filter((door) => rows.some((row) => row[0] === door));
}

/** Starts with the named columns and follows dependencies until nothing is added. */
async function findColumns(settings: GuardSettings, session: Session): Promise<Column[]> {
  const found = new Map<string, Column>();
  let fresh = await firstColumns(settings, session);
  while (fresh.length > 0) {
    for (const column of fresh) found.set(keyOf(column), column);
    const [, next] = await session.readAll([withoutJit, { text: nextColumns, values: asParameters(fresh) }]);
    // A column known only as derived may turn out to be stored; then its children are followed too.
    fresh = unlike((next?.rows ?? []).map(toColumn), (column) => {
      const known = found.get(keyOf(column));
      return known === undefined || (column.held && !known.held);
    });
  }
  return [...found.values()];
}

async function firstColumns(settings: GuardSettings, session: Session): Promise<Column[]> {
  const inCatalog = catalogColumns.filter(({ doors }) => doors.includes('always'));
  const wanted = [
    ...settings.maskedColumns.map(({ schema, table, column }) => [schema ?? null, table, column]),
    ...inCatalog.map(({ schema, relation, column }) => [schema ?? null, relation, column]),
  ];
  const values = [0, 1, 2].map((index) => encodeParameter(wanted.map((one) => one[index] ?? null)));
  const [named, made] = await session.readAll([{ text: namedColumns, values }, { text: madeByFunctions }]);
  const allowed = new Set(settings.allowedFunctions);
  const unknown = (made?.rows ?? []).filter(
    ([, , schema, name]) => !allowed.has(name ?? '') && !allowed.has(`${schema}.${name}`),
  );
  return [
    ...(named?.rows ?? []).map(toColumn),
    ...unknown.map(([relation, , schema, name]) => ({
      relation: relation ?? '',
      attribute: 0,
      held: true,
      origin: `${schema}.${name}()`,
    })),
  ];
}

function toColumn([relation, attribute, held, origin]: readonly (string | null)[]): Column {
  return { relation: relation ?? '', attribute: Number(attribute), held: held === 't', origin: origin ?? '' };
}

function keyOf({ relation, attribute }: Column): string {
  return `${relation}.${attribute}`;
}

/** The new columns, one per key, stored ones first. */
function unlike(columns: readonly Column[], isNew: (column: Column) => boolean): Column[] {
  const best = new Map<string, Column>();
  for (const column of columns) {
    if (isNew(column) && (column.held || !best.has(keyOf(column)))) best.set(keyOf(column), column);
  }
  return [...best.values()];
}

function asParameters(columns: readonly Column[]): (string | null)[] {
  return [
    encodeParameter(columns.map(({ relation }) => relation)),
    encodeParameter(columns.map(({ attribute }) => attribute)),
    encodeParameter(columns.map(({ held }) => held)),
    encodeParameter(columns.map(({ origin }) => origin)),
  ];
}
