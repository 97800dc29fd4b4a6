import type { FunctionFact, RelationFact, TypeFact } from '../catalog/facts.ts';
import { isServersType } from '../catalog/queries.ts';
import type { Catalog } from '../catalog/catalog.ts';
import type { Session } from '../connection/session.ts';
import { namesInCode } from './scan-identifiers.ts';
import { closedRelations, secretColumns } from './function-lists.ts';
import { judgeBuiltIn, judgeExtension } from './function-policy.ts';
import { definitionsMayShow } from './secret-columns.ts';

/** What calls a function: the statement or code that it runs, a view, or row-level security. */
type Caller = 'statement' | 'view' | 'policy';

/**
 * Follows code that runs without appearing in a statement: function bodies, views, policies, operators, casts, checks.
 * User-defined functions are inspected: their volatility is only a claim, and they may call what a query must not. Each
 * method returns why something is not allowed, or undefined if it is. One instance per statement: what was checked once
 * is skipped.
 */
export class Reach {
  readonly #catalog: Catalog;
  readonly #session: Session;
  readonly #seen = new Set<string>();
  /** A refusal does not have to end the statement: that overload may not be the one called. */
  readonly #refused = new Map<string, string>();
  #setsSeed = false;

  constructor(catalog: Catalog, session: Session) {
    this.#catalog = catalog;
    this.#session = session;
  }

  /** Something may call setseed(), whose effect would persist after the call. */
  get setsSeed(): boolean {
    return this.#setsSeed;
  }

  async ofFunction(fact: FunctionFact, caller: Caller = 'statement'): Promise<string | undefined> {
    const key = `${fact.id} ${caller}`;
    if (this.#catalog.allows(fact)) return undefined;
    if (!this.#enter('function', key)) return this.#refused.get(key);
    const reason = await this.#judgeFunction(fact, caller);
    if (reason !== undefined) this.#refused.set(key, reason);
    return reason;
  }

  async #judgeFunction(fact: FunctionFact, caller: Caller): Promise<string | undefined> {
    const label = `${fact.schema}.${fact.name}`;
    if (fact.builtIn) {
      if (fact.name === 'setseed') this.#setsSeed = true;
      return judgeBuiltIn(fact);
    }
    if (fact.extension !== undefined) return this.#ofExtension(fact, fact.extension, caller);
    if (this.#catalog.masks && caller !== 'policy')
      return `${label} is a function of this database, which could show masked columns`;
    // The owner of the table or view chose it, and its body is still inspected.
    if (fact.securityDefiner && caller === 'statement')
      return `${label} runs with its owner's rights (SECURITY DEFINER)`;
    if (fact.kind !== 'a' && fact.volatility === 'v') return `${label} is marked VOLATILE, so it may change something`;
    const below = (await this.#ofLanguage(fact, caller)) ?? (await this.ofTypes(fact.types, 'made'));
    return below === undefined ? undefined : `${label} ${below}`;
  }

  async ofFunctions(ids: readonly string[], caller: Caller = 'statement'): Promise<string | undefined> {
    for (const fact of await this.#catalog.functionsById(ids, this.#session)) {
      const reason = await this.ofFunction(fact, caller);
      if (reason !== undefined) return reason;
    }
    return undefined;
  }

  /** Reading a table or view: everything that its views, policies and column types run. */
  async ofRelation(fact: RelationFact): Promise<string | undefined> {
    if (!this.#enter('relation', fact.id)) return undefined;
    return (
      (await this.#ofServerCalls(fact.code)) ??
      (await this.ofFunctions(fact.functions, 'view')) ??
      (await this.ofFunctions(fact.policyFunctions, 'policy')) ??
      (await this.ofTypes(fact.types, 'made')) ??
      (await this.ofTypes(fact.columnTypes, 'compared'))
    );
  }

  /** Why a relation must not be read at all: credentials or files. For what a view reads, the view's text decides. */
  async closedPart(fact: RelationFact): Promise<string | undefined> {
    const grammar = await this.#catalog.grammar();
    const words = namesInCode(fact.definitions, grammar)?.words ?? [];
    const closed = [...serversOwn(fact), ...words].find((name) => closedRelations.has(name));
    return (
      closed ?? words.find((name) => secretColumns.has(name) && definitionsMayShow(fact.definitions, name, grammar))
    );
  }

  /** `made`: a value of the type is created from something else. `compared`: existing values are only sorted. */
  async ofTypes(ids: readonly string[], use: 'made' | 'compared'): Promise<string | undefined> {
    for (const fact of await this.#catalog.typesById(ids, this.#session)) {
      const reason = await this.ofType(fact, use);
      if (reason !== undefined) return reason;
    }
    return undefined;
  }

  async ofType(fact: TypeFact, use: 'made' | 'compared'): Promise<string | undefined> {
    if (!this.#enter('type', `${fact.id} ${use}`)) return undefined;
    const compared = await this.ofFunctions(fact.comparing);
    if (compared !== undefined || use === 'compared') return compared;
    return (await this.#ofServerCalls(fact.code)) ?? (await this.ofFunctions(fact.functions));
  }

  /** Casts with user-defined functions: explicit ones, and implicit ones that are possible between the types in use. */
  async ofCasts(targets: ReadonlySet<string>, types: ReadonlySet<string>): Promise<string | undefined> {
    const casts = await this.#catalog.casts(this.#session);
    const possible = casts.filter(({ source, target, targetName, implicit }) => {
      const sourceAtHand = isServersType(source) || types.has(source);
      const targetAtHand = isServersType(target) || types.has(target);
      return sourceAtHand && (targets.has(targetName) || (implicit && targetAtHand));
    });
    return this.ofFunctions(possible.map((cast) => cast.function));
  }

  /** Composite types, with their parts. */
  async partsOf(ids: readonly string[]): Promise<string[]> {
    return (await this.#catalog.typesById(ids, this.#session)).flatMap((fact) => fact.parts);
  }

  async #ofExtension(fact: FunctionFact, extension: string, caller: Caller): Promise<string | undefined> {
    const label = caller === 'statement' ? 'named' : 'chosen';
    const judgement = judgeExtension(fact, extension, label, this.#catalog.masks);
    if (judgement !== 'look') return judgement;
    const below = await this.#ofLanguage(fact, caller);
    return below === undefined ? undefined : `${fact.name} of the extension ${extension} ${below}`;
  }

  async #ofLanguage(fact: FunctionFact, caller: Caller): Promise<string | undefined> {
    if (fact.kind === 'a') return named('consists of', await this.ofFunctions(fact.components, caller));
    if (fact.language === 'internal') {
      if (fact.components.length === 0) return 'is an alias for something unknown';
      return named('is another name for', await this.ofFunctions(fact.components, caller));
    }
    if (fact.language !== 'sql' && fact.language !== 'plpgsql')
      return `is written in ${fact.language}, which cannot be checked`;
    if (fact.language === 'plpgsql' && /\bexecute\b/i.test(fact.code)) return 'runs dynamic SQL (EXECUTE)';
    return named('uses something that is not allowed:', await this.#ofCode(fact.code, caller));
  }

  /** Checks a function body by all the names in it. */
  async #ofCode(code: string, caller: Caller): Promise<string | undefined> {
    const names = namesInCode(code, await this.#catalog.grammar());
    if (names === undefined) return 'its text cannot be parsed';
    const { called, dotted, selected, words, operators } = names;
    for (const fact of await this.#catalog.functions([...called, ...dotted, ...selected], this.#session)) {
      const mayBeCalled =
        called.includes(fact.name) || (selected.includes(fact.name) ? fact.takesValue : fact.takesRow);
      if (!mayBeCalled) continue;
      const reason = await this.ofFunction(fact, caller);
      if (reason !== undefined) return reason;
    }
    const behind = (await this.#catalog.operators(operators, this.#session)).map((fact) => fact.function);
    const types = await this.#catalog.types(words, this.#session);
    const atHand = new Set(types.flatMap((fact) => fact.parts));
    for (const fact of await this.#catalog.relations(words, this.#session)) {
      const closed =
        (await this.closedPart(fact)) ??
        serversOwn(fact).find((name) => secretColumns.has(name)) ??
        (this.#mayReadForeign(fact) ? undefined : fact.foreignTables[0]);
      const reason = closed ?? (await this.ofRelation(fact));
      if (reason !== undefined) return `${fact.schema}.${fact.name}: ${reason}`;
      for (const part of await this.partsOf(fact.columnTypes)) atHand.add(part);
    }
    for (const fact of types) {
      const reason = await this.ofType(fact, 'made');
      if (reason !== undefined) return reason;
    }
    return (await this.ofFunctions(behind, caller)) ?? (await this.ofCasts(new Set(words), atHand));
  }

  /** A text whose dependencies are in the catalog, except for built-in functions. */
  async #ofServerCalls(code: string): Promise<string | undefined> {
    const names = namesInCode(code, await this.#catalog.grammar());
    if (names === undefined) return 'its text cannot be parsed';
    const facts = await this.#catalog.functions(names.called, this.#session);
    for (const fact of facts.filter(({ builtIn }) => builtIn)) {
      const reason = await this.ofFunction(fact);
      if (reason !== undefined) return reason;
    }
    return undefined;
  }

  #mayReadForeign(fact: RelationFact): boolean {
    return fact.foreignTables.length === 0 || this.#catalog.settings.allowForeignTables;
  }

  #enter(kind: string, key: string): boolean {
    const label = `${kind} ${key}`;
    if (this.#seen.has(label)) return false;
    this.#seen.add(label);
    return true;
  }
}

/** The system relations that it reads, by name. */
function serversOwn(fact: RelationFact): string[] {
  return fact.below.flatMap((label) => /^(?:pg_catalog|information_schema)\.(.*)$/.exec(label)?.[1] ?? []);
}

function named(what: string, reason: string | undefined): string | undefined {
  return reason === undefined ? undefined : `${what} ${reason}`;
}
