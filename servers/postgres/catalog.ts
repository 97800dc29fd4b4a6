import type * as grammarModule from 'libpg-query';
import type { GuardSettings } from './config.ts';
import {
  functionsByName,
  operatorsByName,
  relationsByName,
  typesByName,
  type CatalogQuery,
} from './catalog-queries.ts';
import { encodeParameter } from './values.ts';
import type { Statement } from './flight.ts';
import type { Mentions } from './guard/mentions.ts';
import { loadGrammar } from './guard/parse.ts';
import type { Session } from './session.ts';

/** One row of pg_proc, as far as the guard cares. */
export interface FunctionFact {
  readonly id: string;
  readonly schema: string;
  readonly name: string;
  /** f function, p procedure, a aggregate, w window function. */
  readonly kind: string;
  /** i immutable, s stable, v volatile. */
  readonly volatility: string;
  readonly language: string;
  readonly securityDefiner: boolean;
  readonly extension: string | undefined;
  /** Found by its bare name. */
  readonly visible: boolean;
  readonly fewestArguments: number;
  /** Infinity for variadic ones. */
  readonly mostArguments: number;
  /** Takes one row, or anything: `row.name` may call it. */
  readonly takesRow: boolean;
  /** The body of a function in sql or plpgsql that the database's users wrote. */
  readonly source: string;
  /** The functions that an aggregate of the database's users is made of. */
  readonly components: readonly string[];
}

/** A table or view and all that reading it reads. */
export interface RelationFact {
  readonly id: string;
  readonly schema: string;
  readonly name: string;
  readonly visible: boolean;
  /** Texts that run when it is read: definitions of views below it, row security policies. */
  readonly code: string;
  /** Functions below it by the catalog's dependencies, those behind operators too. */
  readonly functions: readonly string[];
  /** `schema.table` of every relation below it, itself included. */
  readonly below: readonly string[];
  readonly foreignTables: readonly string[];
}

/** An operator that is not PostgreSQL's own, with the function behind it. PostgreSQL's own all only compute. */
export interface OperatorFact {
  readonly name: string;
  readonly function: string;
}

/** What a cast to a type of the database's users runs: checks of domains, cast functions. */
export interface TypeFact {
  readonly name: string;
  readonly code: string;
  readonly functions: readonly string[];
}

/** How long the catalog's answers are believed. */
const freshMs = 60_000;

/** What the connected database says of the names that queries use, asked once and remembered for a minute. */
export class Catalog {
  readonly settings: GuardSettings;
  readonly #functions = new Remembered(functionsByName);
  readonly #operators = new Remembered(operatorsByName);
  readonly #types = new Remembered(typesByName);
  readonly #relations = new Remembered(relationsByName);
  readonly #typeNames = new Map<number, string>();

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

  /** Asks for everything that a statement mentions, in one round trip at most. */
  async prepare(mentions: Mentions, session: Session): Promise<void> {
    const of = (list: readonly { readonly name: string }[]): string[] => list.map(({ name }) => name);
    await fill(session, [
      [this.#functions, of([...mentions.functions, ...mentions.fields])],
      [this.#operators, of(mentions.operators)],
      [this.#types, of([...mentions.types, ...mentions.functions])],
      [this.#relations, of(mentions.relations)],
    ]);
  }

  async functions(names: readonly string[], session: Session): Promise<FunctionFact[]> {
    await fill(session, [[this.#functions, names]]);
    return this.#functions.of(names);
  }

  async operators(names: readonly string[], session: Session): Promise<OperatorFact[]> {
    await fill(session, [[this.#operators, names]]);
    return this.#operators.of(names);
  }

  async types(names: readonly string[], session: Session): Promise<TypeFact[]> {
    await fill(session, [[this.#types, names]]);
    return this.#types.of(names);
  }

  async relations(names: readonly string[], session: Session): Promise<RelationFact[]> {
    await fill(session, [[this.#relations, names]]);
    return this.#relations.of(names);
  }

  /** Names of types that are not PostgreSQL's own, asked within the session's open transaction. */
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

/** Answers by name, including the answer that there is nothing of that name. */
class Remembered<Fact extends { readonly name: string }> {
  readonly #query: CatalogQuery<Fact>;
  #known = new Map<string, Fact[]>();
  #since = 0;

  constructor(query: CatalogQuery<Fact>) {
    this.#query = query;
  }

  /** The question about those names that are not known, and what to do with its rows. */
  missing(names: readonly string[]): { statement: Statement; accept: (rows: (string | null)[][]) => void } | undefined {
    if (performance.now() - this.#since > freshMs) this.#known = new Map();
    if (this.#known.size === 0) this.#since = performance.now();
    const unknown = [...new Set(names)].filter((name) => !this.#known.has(name));
    if (unknown.length === 0) return undefined;
    return {
      statement: { text: this.#query.text, values: [encodeParameter(unknown)] },
      accept: (rows) => {
        for (const name of unknown) this.#known.set(name, []);
        for (const fact of rows.map((row) => this.#query.toFact(row))) this.#known.get(fact.name)?.push(fact);
      },
    };
  }

  of(names: readonly string[]): Fact[] {
    return [...new Set(names)].flatMap((name) => this.#known.get(name) ?? []);
  }
}

async function fill(
  session: Session,
  wanted: readonly (readonly [Pick<Remembered<{ readonly name: string }>, 'missing'>, readonly string[]])[],
): Promise<void> {
  const questions = wanted.flatMap(([remembered, names]) => remembered.missing(names) ?? []);
  if (questions.length === 0) return;
  const answers = await session.readAll(questions.map((question) => question.statement));
  for (const [index, question] of questions.entries()) question.accept(answers[index]?.rows ?? []);
}
