import { isTree, locationOf, nameParts, text, walk, type Tree } from './tree.ts';

/** A name that a statement uses, with its byte offset. */
export interface Mention {
  readonly schema: string | undefined;
  readonly name: string;
  readonly byte: number;
}

export interface FunctionMention extends Mention {
  /** Undefined if the text does not show it. */
  readonly argumentCount: number | undefined;
  readonly call: Tree;
}

export interface RelationMention extends Mention {
  readonly alias: boolean;
}

/** Operators that a clause uses implicitly; the operand types determine the function. */
const ofBetween = ['<', '<=', '>', '>='];

/** Functions that take a type name as text and call the type's input function. */
const typeReaders = new Set(['pg_input_is_valid', 'pg_input_error_info']);

/** Everything in a statement that runs code, besides the grammar itself. */
export interface Mentions {
  readonly functions: readonly FunctionMention[];
  /** `(value).name` and `row.name`: PostgreSQL calls the function `name` if the field does not exist. */
  readonly fields: readonly (Mention & { readonly ofRow: boolean })[];
  readonly operators: readonly Mention[];
  readonly types: readonly Mention[];
  /** Calls without a constant type name, so it is unknown what they run. */
  readonly hiddenTypes: readonly Mention[];
  readonly relations: readonly RelationMention[];
}

export function collectMentions(tree: Tree): Mentions {
  const functions: FunctionMention[] = [];
  const fields: (Mention & { ofRow: boolean })[] = [];
  const operators: Mention[] = [];
  const types: Mention[] = [];
  const hiddenTypes: Mention[] = [];
  const relations: RelationMention[] = [];
  // Nodes without a location are reported at the last one seen.
  let byte = 0;
  walk(tree, (kind, node) => {
    if (typeof node['location'] === 'number') byte = node['location'];
    if (kind === 'FuncCall') {
      const called = dotted(node['funcname'], locationOf(node));
      functions.push({ ...called, argumentCount: countArguments(node), call: node });
      if (typeReaders.has(called.name)) {
        const read = typeInText(node['args'], called.byte);
        if (read === undefined) hiddenTypes.push(called);
        else types.push(...read);
      }
    } else if (kind === 'A_Indirection') fields.push(...fieldNames(node['indirection'], byte, false));
    else if (kind === 'ColumnRef') fields.push(...fieldNames(afterFirst(node['fields']), locationOf(node), true));
    else if (kind === 'TypeName' || kind === 'typeName') types.push(dotted(node['names'], byte));
    else if (kind === 'RangeVar' || kind === 'relation') {
      const name = text(node['relname']);
      if (name !== undefined)
        relations.push({
          schema: text(node['schemaname']),
          name,
          byte: locationOf(node),
          alias: node['alias'] !== undefined,
        });
    }
    for (const name of unwritten(kind, node)) operators.push({ name, schema: undefined, byte });
    for (const field of ['name', 'operName', 'useOp']) {
      if (kind !== 'FuncCall' && Array.isArray(node[field]) && nameParts(node[field]).length > 0)
        operators.push(dotted(node[field], byte));
    }
  });
  return { functions, fields, operators, types, hiddenTypes, relations };
}

function unwritten(kind: string, node: Tree): readonly string[] {
  if (kind === 'A_Expr') return String(node['kind']).includes('BETWEEN') ? ofBetween : [];
  const equal =
    (kind === 'CaseExpr' && node['arg'] !== undefined) ||
    (kind === 'JoinExpr' && (node['usingClause'] !== undefined || node['isNatural'] === true)) ||
    (kind === 'SubLink' && node['subLinkType'] === 'ANY_SUBLINK' && node['operName'] === undefined);
  return equal ? ['='] : [];
}

/** The type names in the second argument, if that is a constant: `numeric(10, 2)`, `public."My Type"`. */
function typeInText(args: unknown, byte: number): Mention[] | undefined {
  const second: unknown = Array.isArray(args) ? args[1] : undefined;
  const constant = isTree(second) && isTree(second['A_Const']) ? second['A_Const']['sval'] : undefined;
  const written = isTree(constant) ? text(constant['sval']) : undefined;
  const names = written?.matchAll(/"((?:[^"]|"")+)"|[\p{L}_][\p{L}\p{N}_$]*/gu);
  return names === undefined
    ? undefined
    : [...names].map(([word, quoted]) => ({
        name: quoted?.replaceAll('""', '"') ?? word.toLowerCase(),
        schema: undefined,
        byte,
      }));
}

function dotted(value: unknown, byte: number): Mention {
  const [name = '', schema] = nameParts(value).toReversed();
  return { name, schema, byte };
}

function fieldNames(value: unknown, byte: number, ofRow: boolean): (Mention & { ofRow: boolean })[] {
  return nameParts(value).map((name) => ({ schema: undefined, name, byte, ofRow }));
}

function afterFirst(value: unknown): unknown {
  return Array.isArray(value) ? value.slice(1) : [];
}

/** Ordered-set aggregates also count the arguments in WITHIN GROUP. */
function countArguments(call: Tree): number | undefined {
  if (call['func_variadic'] === true) return undefined;
  const args = Array.isArray(call['args']) ? call['args'].length : 0;
  const ordered = call['agg_within_group'] === true && Array.isArray(call['agg_order']) ? call['agg_order'].length : 0;
  return args + ordered;
}
