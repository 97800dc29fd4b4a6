import type { FunctionFact } from '../catalog/facts.ts';
import { isServersType } from '../catalog/queries.ts';
import type { Catalog } from '../catalog/catalog.ts';
import type { Session } from '../connection/session.ts';
import type { FunctionMention, Mentions } from './collect-references.ts';
import { TypeGuess, union } from './type-guess.ts';
import { isTree, type Tree } from './tree.ts';

/**
 * Which overloads a call can mean, based on the possible types of its arguments. Used only for overloads that are not
 * allowed: `st_srid(geom)` is not another extension's volatile one, which takes a type of that extension. In doubt, an
 * overload counts as meant.
 */
export class Meaning {
  readonly #catalog: Catalog;
  readonly #session: Session;
  readonly #mentions: Mentions;
  readonly #tree: Tree;
  #guess: Promise<TypeGuess> | undefined;

  constructor(tree: Tree, mentions: Mentions, catalog: Catalog, session: Session) {
    this.#tree = tree;
    this.#mentions = mentions;
    this.#catalog = catalog;
    this.#session = session;
  }

  async mayCall(fact: FunctionFact, mention: FunctionMention): Promise<boolean> {
    if (fact.extension === undefined || mention.argumentCount === undefined || mention.call === undefined) return true;
    const args: readonly unknown[] = Array.isArray(mention.call['args']) ? mention.call['args'] : [];
    const guess = await this.#types();
    for (const [place, argument] of args.entries()) {
      const parameter = fact.parameters[place];
      const variadic = fact.maxArguments === Infinity && place >= fact.parameters.length - 1;
      if (parameter === undefined || variadic || (isTree(argument) && 'NamedArgExpr' in argument)) return true;
      const types = guess.of(argument);
      if (types !== 'any' && !(await this.#anyFits(types, parameter))) return false;
    }
    return true;
  }

  /** `row.name`: impossible if nothing in the statement is, has or returns a value of that type. */
  async mayTakeRow(fact: FunctionFact): Promise<boolean> {
    const [parameter] = fact.parameters;
    if (fact.extension === undefined || parameter === undefined || isServersType(parameter.type)) return true;
    const guess = await this.#types();
    return union(await this.#withParts(guess.atHand)).has(parameter.type);
  }

  async #anyFits(types: ReadonlySet<string>, { type, category }: FunctionFact['parameters'][number]): Promise<boolean> {
    if (category === 'P') return true;
    if (types.has('row') && category === 'C') return true;
    if (types.has('array') && (category === 'A' || !isServersType(type))) return true;
    const casts = await this.#catalog.conversions(this.#session);
    const becomes = new Set(casts.filter(({ to }) => to === type).map(({ from }) => from));
    const own = await this.#withParts(types);
    const fits = (given: string): boolean => given === type || becomes.has(given);
    if ([...own].some(fits)) return true;
    return types.has('server') && (isServersType(type) || [...becomes].some(isServersType));
  }

  /** A domain can be used as its base type. */
  async #withParts(types: ReadonlySet<string>): Promise<ReadonlySet<string>> {
    const made = [...types].filter((type) => /^\d+$/.test(type) && !isServersType(type));
    return new Set([...types, ...(await this.#catalog.typesById(made, this.#session)).flatMap(({ parts }) => parts)]);
  }

  #types(): Promise<TypeGuess> {
    return (this.#guess ??= this.#ask());
  }

  async #ask(): Promise<TypeGuess> {
    const { functions, relations, types } = this.#mentions;
    const names = (list: readonly { readonly name: string }[]): string[] => list.map(({ name }) => name);
    const facts = await this.#catalog.functions(names(functions), this.#session);
    const columns = await this.#catalog.columnTypes(names(relations), this.#session);
    const ids = await this.#catalog.typeIds(names([...types, ...functions, ...relations]), this.#session);
    const results = await this.#withParts(new Set(facts.flatMap(({ results }) => results)));
    return new TypeGuess(this.#tree, { facts, columns, ids, parts: results });
  }
}
