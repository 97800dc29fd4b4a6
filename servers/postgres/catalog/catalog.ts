import type * as grammarModule from 'libpg-query';
import type { GuardSettings } from '../config/config.ts';
import type { CastFact, FunctionFact, OperatorFact, RelationFact, TypeFact } from './facts.ts';
import {
  allCasts,
  functionsById,
  functionsByName,
  operatorsByName,
  typesById,
  typesByName,
  type CatalogQuery,
} from './queries.ts';
import { relationsByName } from './relation-query.ts';
import { columnTypes, conversions, typeIds, type ColumnType, type Conversion, type TypeId } from './type-queries.ts';
import { encodeParameter } from '../values.ts';
import type { Statement } from '../connection/statement.ts';
import { MaskedColumns } from '../guard/mask/masked-columns.ts';
import type { Mentions } from '../guard/collect-references.ts';
import { loadGrammar } from '../guard/parse.ts';
import type { Session } from '../connection/session.ts';

/** How long catalog answers are cached. */
const freshMs = 60_000;
/** Past this number, the least recently used names are dropped. */
const maxRemembered = 5000;

interface Masked {
  readonly columns: MaskedColumns;
  readonly since: number;
  /** No transaction below it was in progress when the columns were read. */
  readonly horizon: string;
  /** Relations that existed then. */
  readonly seen: Set<string>;
}

const horizon = 'select pg_catalog.txid_snapshot_xmin(pg_catalog.txid_current_snapshot())';
/** Relations whose catalog row was written by a transaction beyond the horizon. */
const madeSince = `
  select c.oid from pg_catalog.pg_class c
  where c.oid = any($1::oid[]) and pg_catalog.age(c.xmin) <= pg_catalog.age(($2::int8 % 4294967296)::text::xid)`;

/** What the connected database says about the names in queries, cached for a minute. */
export class Catalog {
  readonly settings: GuardSettings;
  readonly #functions = new Remembered(functionsByName, nameOf);
  readonly #functionsById = new Remembered(functionsById, idOf);
  readonly #operators = new Remembered(operatorsByName, nameOf);
  readonly #types = new Remembered(typesByName, nameOf);
  readonly #typesById = new Remembered(typesById, idOf);
  readonly #relations = new Remembered(relationsByName, nameOf);
  readonly #casts = new Remembered(allCasts, () => everything);
  readonly #typeIds = new Remembered(typeIds, nameOf);
  readonly #columnTypes = new Remembered(columnTypes, ({ relation }) => relation);
  readonly #conversions = new Remembered(conversions, () => everything);
  readonly #typeNames = new Map<number, string>();
  #masked: Masked | undefined;

  constructor(settings: GuardSettings) {
    this.settings = settings;
  }

  get masks(): boolean {
    return this.settings.maskedColumns.length > 0;
  }

  allows(fact: FunctionFact): boolean {
    const { allowedFunctions } = this.settings;
    return allowedFunctions.includes(fact.name) || allowedFunctions.includes(`${fact.schema}.${fact.name}`);
  }

  grammar(): Promise<typeof grammarModule> {
    return loadGrammar();
  }

  /** Looks up everything that a statement mentions, in at most one round trip. */
  async prepare(mentions: Mentions, session: Session): Promise<void> {
    const of = (list: readonly { readonly name: string }[]): string[] => list.map(({ name }) => name);
    await fill(session, [
      [this.#functions, of([...mentions.functions, ...mentions.fields])],
      [this.#operators, of(mentions.operators)],
      [this.#types, of([...mentions.types, ...mentions.functions, ...mentions.relations])],
      [this.#relations, of(mentions.relations)],
      [this.#casts, mayCast(mentions) ? [everything] : []],
    ]);
  }

  async functions(names: readonly string[], session: Session): Promise<FunctionFact[]> {
    await fill(session, [[this.#functions, names]]);
    return this.#functions.of(names);
  }

  async functionsById(ids: readonly string[], session: Session): Promise<FunctionFact[]> {
    await fill(session, [[this.#functionsById, ids]]);
    return this.#functionsById.of(ids);
  }

  async operators(names: readonly string[], session: Session): Promise<OperatorFact[]> {
    await fill(session, [[this.#operators, names]]);
    return this.#operators.of(names);
  }

  async types(names: readonly string[], session: Session): Promise<TypeFact[]> {
    await fill(session, [[this.#types, names]]);
    return this.#types.of(names);
  }

  async typesById(ids: readonly string[], session: Session): Promise<TypeFact[]> {
    await fill(session, [[this.#typesById, ids]]);
    return this.#typesById.of(ids);
  }

  async typeIds(names: readonly string[], session: Session): Promise<TypeId[]> {
    await fill(session, [[this.#typeIds, names]]);
    return this.#typeIds.of(names);
  }

  async columnTypes(relations: readonly string[], session: Session): Promise<ColumnType[]> {
    await fill(session, [[this.#columnTypes, relations]]);
    return this.#columnTypes.of(relations);
  }

  async conversions(session: Session): Promise<Conversion[]> {
    await fill(session, [[this.#conversions, [everything]]]);
    return this.#conversions.of([everything]);
  }

  async casts(session: Session): Promise<CastFact[]> {
    await fill(session, [[this.#casts, [everything]]]);
    return this.#casts.of([everything]);
  }

  async relations(names: readonly string[], session: Session): Promise<RelationFact[]> {
    await fill(session, [[this.#relations, names]]);
    return this.#relations.of(names);
  }

  /**
   * What is masked, directly or through what it is derived from. Cached for a minute like everything else, except for
   * relations created since then: they may be partitions or views of masked tables.
   */
  async maskedColumns(session: Session, relations: readonly RelationFact[]): Promise<MaskedColumns> {
    const known = this.#masked;
    if (known !== undefined && performance.now() - known.since < freshMs) {
      const unseen = relations.map(({ id }) => id).filter((id) => !known.seen.has(id));
      if (unseen.length === 0) return known.columns;
      const { rows } = await session.read(madeSince, [encodeParameter(unseen), known.horizon], 0);
      if (rows.length === 0) {
        for (const id of unseen) known.seen.add(id);
        return known.columns;
      }
    }
    const since = performance.now();
    const { rows } = await session.read(horizon, [], 0);
    const columns = await MaskedColumns.read(this.settings, session);
    const seen = new Set(relations.map(({ id }) => id));
    this.#masked = { columns, since, horizon: rows[0]?.[0] ?? '0', seen };
    return columns;
  }

  /** Names of types that are not built in, read in the session's open transaction. */
  async typeNames(ids: readonly number[], session: Session): Promise<ReadonlyMap<number, string>> {
    const unknown = ids.filter((id) => !this.#typeNames.has(id));
    if (unknown.length > 0) {
      const { rows } = await session.also(
        'select oid, pg_catalog.format_type(oid, null) from pg_catalog.pg_type where oid = any($1)',
        [`{${unknown.join(',')}}`],
      );
      for (const [id, name] of rows) this.#typeNames.set(Number(id), name ?? 'unknown');
    }
    return this.#typeNames;
  }
}

/** A statement with only constants casts nothing. */
export function mayCast({ functions, operators, types, relations }: Mentions): boolean {
  return [functions, operators, types, relations].some((list) => list.length > 0);
}

/** The key of a question with a single answer. */
const everything = 'all';

function nameOf({ name }: { readonly name: string }): string {
  return name;
}

function idOf({ id }: { readonly id: string }): string {
  return id;
}

interface Question {
  readonly statement: Statement;
  readonly accept: (rows: (string | null)[][]) => void;
}

/** Answers by name or id, including the answer that nothing has that name. */
class Remembered<Fact> {
  readonly #query: CatalogQuery<Fact>;
  readonly #keyOf: (fact: Fact) => string;
  readonly #known = new Map<string, { readonly facts: Fact[]; readonly since: number }>();

  constructor(query: CatalogQuery<Fact>, keyOf: (fact: Fact) => string) {
    this.#query = query;
    this.#keyOf = keyOf;
  }

  /** The query for the unknown keys, and how to store its rows. */
  missing(keys: readonly string[]): Question | undefined {
    const unknown = [...new Set(keys)].filter((key) => !this.#isFresh(key));
    if (unknown.length === 0) return undefined;
    return {
      statement: { text: this.#query.text, values: [encodeParameter(unknown)] },
      accept: (rows) => {
        const facts = rows.map((row) => this.#query.toFact(row));
        const since = performance.now();
        if (this.#known.size > maxRemembered) this.#forget();
        for (const key of unknown)
          this.#known.set(key, { facts: facts.filter((fact) => this.#keyOf(fact) === key), since });
      },
    };
  }

  /** @throws Error for a key that was never looked up: a missing answer must not be mistaken for "does not exist". */
  of(keys: readonly string[]): Fact[] {
    return [...new Set(keys)].flatMap((key) => {
      const known = this.#known.get(key);
      if (known === undefined) throw new Error(`${key} was not looked up in the catalog.`);
      return known.facts;
    });
  }

  #isFresh(key: string): boolean {
    const known = this.#known.get(key);
    return known !== undefined && performance.now() - known.since < freshMs;
  }

  #forget(): void {
    for (const key of this.#known.keys()) if (!this.#isFresh(key)) this.#known.delete(key);
  }
}

async function fill(
  session: Session,
  wanted: readonly (readonly [{ missing: (keys: readonly string[]) => Question | undefined }, readonly string[]])[],
): Promise<void> {
  const questions = wanted.flatMap(([remembered, keys]) => remembered.missing(keys) ?? []);
  if (questions.length === 0) return;
  const answers = await session.readAll(questions.map((question) => question.statement));
  for (const [index, question] of questions.entries()) question.accept(answers[index]?.rows ?? []);
}
