import type { FunctionFact } from '../catalog/facts.ts';
import type { ColumnType, TypeId } from '../catalog/type-queries.ts';
import { isTree, nameParts, text, walk, type Tree } from './tree.ts';

/**
 * The ids of the types that an expression may have. Also `array` and `row` for any of these, `server` for any built-in
 * type, and `any` if nothing is known.
 */
export type Types = ReadonlySet<string> | 'any';

export interface Known {
  readonly facts: readonly FunctionFact[];
  readonly columns: readonly ColumnType[];
  readonly ids: readonly TypeId[];
  /** The parts of all function results. */
  readonly parts: ReadonlySet<string>;
}

/** Object ids of built-in types, which never change. */
const bool = '16';
const textType = '25';
const numbers = ['20', '21', '23', '700', '701', '1700'] as const;
const polymorphic = new Set([
  '2276', '2277', '2283', '2776', '3500', '3831', '4537', '5077', '5078', '5079', '5080', '4538', '2249',
]); // prettier-ignore

/** The possible types of an expression, from its text and the catalog: may include too many, never too few. */
export class TypeGuess {
  readonly #known: Known;
  readonly #outputs = new Map<string, unknown[]>();
  /** Names of rows, and of columns whose type is unknown here. */
  readonly #unknown = new Set<string>();
  readonly #asking = new Set<string>();
  #functionsInFrom = false;
  /** A UNION column may have the name of one side and the type of another. */
  #combines = false;

  constructor(tree: Tree, known: Known) {
    this.#known = known;
    walk(tree, (kind, node) => this.#collect(kind, node));
  }

  /** All types that anything in the statement has or returns. */
  get atHand(): ReadonlySet<string> {
    const { columns, ids, parts } = this.#known;
    return new Set([...columns.map(({ type }) => type), ...ids.map(({ id }) => id), ...parts]);
  }

  of(node: unknown): Types {
    if (!isTree(node)) return 'any';
    const [kind = ''] = Object.keys(node);
    const inner = node[kind];
    if (!isTree(inner)) return 'any';
    switch (kind) {
      case 'A_Const':
        return ofConstant(inner);
      case 'TypeCast':
        return this.#ofTypeName(inner['typeName']);
      case 'ColumnRef':
        return this.#ofColumn(inner);
      case 'FuncCall':
        return this.#ofCall(inner);
      case 'SubLink':
        return this.#ofSubquery(inner);
      case 'A_Expr':
        return this.#ofOperator(inner);
      case 'CoalesceExpr':
      case 'MinMaxExpr':
        return this.#ofAlternatives(inner['args']);
      case 'CollateClause':
        return this.#ofAlternatives([inner['arg']]);
      case 'CaseExpr':
        return this.#ofAlternatives([...caseResults(inner['args']), inner['defresult']]);
      case 'BoolExpr':
      case 'NullTest':
      case 'BooleanTest':
        return new Set([bool]);
      case 'A_ArrayExpr':
        return new Set(['array']);
      case 'RowExpr':
        return new Set(['row']);
      case 'A_Indirection':
        return lastIsName(inner['indirection']) ? new Set([...this.atHand, 'server']) : 'any';
      default:
        return 'any';
    }
  }

  #collect(kind: string, node: Tree): void {
    const alias = isTree(node['alias']) ? node['alias'] : undefined;
    const aliased = text(alias?.['aliasname']) ?? text(node['relname']) ?? text(node['ctename']);
    if (aliased !== undefined) this.#unknown.add(aliased);
    for (const name of [...nameParts(alias?.['colnames']), ...nameParts(node['aliascolnames'])])
      this.#unknown.add(name);
    const column = text(node['colname']);
    if (column !== undefined) this.#unknown.add(column);
    if (node['larg'] !== undefined) this.#combines = true;
    if (kind === 'RangeFunction') this.#functionsInFrom = true;
    if (kind !== 'ResTarget') return;
    const name = text(node['name']) ?? figuredName(node['val']);
    if (name === undefined) for (const figured of wordsOfConstructs) this.#unknown.add(figured);
    else this.#outputs.set(name, [...(this.#outputs.get(name) ?? []), node['val']]);
  }

  #ofColumn(reference: Tree): Types {
    const fields = Array.isArray(reference['fields']) ? reference['fields'] : [];
    const name = nameParts(fields).at(-1);
    if (name === undefined || nameParts(fields).length !== fields.length || this.#unknown.has(name)) return 'any';
    if (this.#asking.has(name)) return new Set();
    this.#asking.add(name);
    const named = this.#outputs.get(name) ?? [];
    const values = this.#combines && named.length > 0 ? [...this.#outputs.values()].flat() : named;
    const outputs = values.map((value) => this.of(value));
    this.#asking.delete(name);
    const { columns, parts } = this.#known;
    const own = columns.filter((column) => column.name === name).map(({ type }) => type);
    const given = this.#functionsInFrom ? [...parts, 'server'] : [];
    if (outputs.includes('any') || given.some((type) => polymorphic.has(type))) return 'any';
    const found = union(own, ...outputs, given);
    // Nothing was found, or only the expression itself.
    const nothing = found.size === 0 && (outputs.length === 0 || this.#asking.size === 0);
    return nothing ? 'any' : found;
  }

  #ofCall(call: Tree): Types {
    const [name = '', schema] = nameParts(call['funcname']).toReversed();
    const facts = this.#known.facts.filter((fact) => fact.name === name && (schema ?? fact.schema) === fact.schema);
    const casts = this.#known.ids.filter((type) => type.name === name).map(({ id }) => id);
    const results = facts.flatMap((fact) => fact.results);
    if (facts.length === 0 || results.some((type) => polymorphic.has(type))) return 'any';
    return new Set([...results, ...casts]);
  }

  #ofTypeName(type: unknown): Types {
    if (!isTree(type)) return 'any';
    const name = nameParts(type['names']).at(-1);
    const found = this.#known.ids.filter((one) => one.name === name);
    if (found.length === 0) return 'any';
    return new Set(found.map(({ id, array }) => (type['arrayBounds'] === undefined ? id : array)));
  }

  #ofSubquery(link: Tree): Types {
    if (link['subLinkType'] === 'ARRAY_SUBLINK') return new Set(['array']);
    if (link['subLinkType'] !== 'EXPR_SUBLINK') return new Set([bool]);
    const target = firstTarget(link['subselect']);
    return target === undefined ? 'any' : this.of(target['val']);
  }

  /** Arithmetic on numbers gives numbers; other operators may give anything. */
  #ofOperator(expression: Tree): Types {
    const operator = nameParts(expression['name'])[0] ?? '';
    const sides = [this.of(expression['lexpr'] ?? expression['rexpr']), this.of(expression['rexpr'])];
    const numeric = sides.every((side) => side !== 'any' && side.size > 0 && isSubset(side, numbers));
    return numeric && ['+', '-', '*', '/', '%'].includes(operator) ? new Set(numbers) : 'any';
  }

  /** Constants among them get the type of the others. */
  #ofAlternatives(values: unknown): Types {
    const all = (Array.isArray(values) ? values : []).filter((value) => isTree(value));
    const typed = all.filter((value) => !isLiteral(value)).map((value) => this.of(value));
    if (typed.includes('any')) return 'any';
    const found = union(...typed);
    return found.size === 0 ? new Set([textType]) : found;
  }
}

export function union(...sets: readonly (Types | readonly string[])[]): Set<string> {
  return new Set(sets.flatMap((set) => (set === 'any' ? [] : [...set])));
}

function ofConstant(constant: Tree): Types {
  if ('boolval' in constant) return new Set([bool]);
  if ('ival' in constant) return new Set(['23']);
  if ('fval' in constant) return new Set(['20', '1700']);
  return 'any';
}

function isLiteral(value: Tree): boolean {
  return isTree(value['A_Const']) && ofConstant(value['A_Const']) === 'any';
}

function isSubset(set: ReadonlySet<string>, of: readonly string[]): boolean {
  return [...set].every((one) => of.includes(one));
}

function caseResults(branches: unknown): unknown[] {
  return (Array.isArray(branches) ? branches : []).map((branch: unknown) =>
    isTree(branch) && isTree(branch['CaseWhen']) ? branch['CaseWhen']['result'] : undefined,
  );
}

function lastIsName(indirection: unknown): boolean {
  const last: unknown = Array.isArray(indirection) ? indirection.at(-1) : undefined;
  return isTree(last) && 'String' in last;
}

/** Default column names that come from constructs rather than functions, types or columns. */
const wordsOfConstructs = [
  'case', 'coalesce', 'greatest', 'least', 'nullif', 'exists', 'array', 'row', 'grouping', 'merge_action', 'xmlconcat',
  'xmlelement', 'xmlforest', 'xmlparse', 'xmlpi', 'xmlroot', 'xmlserialize', 'is_document', 'json', 'json_scalar',
  'json_serialize', 'json_object', 'json_array', 'json_objectagg', 'json_arrayagg', 'json_exists', 'json_query',
  'json_value', 'current_date', 'current_time', 'current_timestamp', 'localtime', 'localtimestamp', 'current_role',
  'current_user', 'user', 'session_user', 'current_catalog', 'current_schema', '?column?',
]; // prettier-ignore

/** The default name that PostgreSQL gives to a column. */
function figuredName(value: unknown): string | undefined {
  if (!isTree(value)) return undefined;
  const [kind = ''] = Object.keys(value);
  const node = value[kind];
  if (!isTree(node)) return undefined;
  switch (kind) {
    case 'FuncCall':
      return nameParts(node['funcname']).at(-1);
    case 'TypeCast':
      return (
        figuredName(node['arg']) ?? (isTree(node['typeName']) ? nameParts(node['typeName']['names']).at(-1) : undefined)
      );
    case 'ColumnRef':
      return nameParts(node['fields']).at(-1);
    case 'CollateClause':
      return figuredName(node['arg']);
    case 'A_Indirection':
      return nameParts(node['indirection']).at(-1) ?? figuredName(node['arg']);
    case 'SubLink':
      return figuredOfSelect(node['subselect']);
    default:
      return undefined;
  }
}

function figuredOfSelect(select: unknown): string | undefined {
  const target = firstTarget(select);
  return target === undefined ? undefined : (text(target['name']) ?? figuredName(target['val']));
}

function firstTarget(select: unknown): Tree | undefined {
  const inner = isTree(select) ? select['SelectStmt'] : undefined;
  const list: readonly unknown[] = isTree(inner) && Array.isArray(inner['targetList']) ? inner['targetList'] : [];
  const target = isTree(list[0]) ? list[0]['ResTarget'] : undefined;
  return isTree(target) ? target : undefined;
}
