/** A runbook's condition: comparisons of measures, parameters and literals. No calls, assignments or loops. */
export interface Expression {
  readonly source: string;
  /** The names it uses, in order, without duplicates: `failed_count`, `slow.row_count`. */
  readonly names: readonly string[];
  readonly tree: Node;
}

export type Value = string | number | boolean;

export type Evaluated =
  | { readonly kind: 'value'; readonly value: Value; readonly explained: string }
  | { readonly kind: 'failed'; readonly message: string };

type Operator = 'or' | 'and' | '==' | '!=' | '<' | '<=' | '>' | '>=' | '+' | '-' | '*' | '/';

type Node =
  | { readonly kind: 'literal'; readonly value: Value }
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'not' | 'negative'; readonly operand: Node }
  | { readonly kind: 'binary'; readonly operator: Operator; readonly left: Node; readonly right: Node };

/** An error in an expression, in words that quote the place. */
export class ExpressionError extends Error {
  override readonly name = 'ExpressionError';
}

interface Token {
  readonly kind: 'number' | 'text' | 'name' | 'sign' | 'end';
  readonly text: string;
  readonly offset: number;
}

const scanner =
  /\s*(?:(?<number>\d+(?:\.\d+)?)|(?<text>'[^']*'|"[^"]*")|(?<name>[A-Za-z_]\w*(?:\.\w+)*)|(?<sign>[<>=!]=|[<>+\-*/()]))/y;
const longest = 500;
const deepest = 50;

/** @throws ExpressionError */
export function parseExpression(source: string): Expression {
  if (source.length > longest) throw new ExpressionError(`is longer than ${longest} characters`);
  const cursor: Cursor = { tokens: tokenize(source), position: 0, depth: 0 };
  const tree = parseOr(cursor);
  if (current(cursor).kind !== 'end') throw unexpected(cursor);
  return { source: source.trim(), names: [...new Set(namesIn(tree))], tree };
}

function tokenize(source: string): Token[] {
  const tokens: Token[] = [];
  scanner.lastIndex = 0;
  while (scanner.lastIndex < source.trimEnd().length) {
    const offset = scanner.lastIndex;
    const groups = scanner.exec(source)?.groups;
    if (groups === undefined)
      throw new ExpressionError(`'${source.slice(offset).trim().slice(0, 20)}' is not valid here`);
    const { number, text, name, sign } = groups;
    if (number !== undefined) tokens.push({ kind: 'number', text: number, offset });
    else if (text !== undefined) tokens.push({ kind: 'text', text: text.slice(1, -1), offset });
    else if (name !== undefined) tokens.push({ kind: 'name', text: name, offset });
    else if (sign !== undefined) tokens.push({ kind: 'sign', text: sign, offset });
  }
  return [...tokens, { kind: 'end', text: '', offset: source.length }];
}

/** The parser's position. Each function below reads one level of precedence and advances it. */
interface Cursor {
  readonly tokens: readonly Token[];
  position: number;
  depth: number;
}

function current({ tokens, position }: Cursor): Token {
  return tokens[position] ?? { kind: 'end', text: '', offset: 0 };
}

function unexpected(cursor: Cursor): ExpressionError {
  const { kind, text } = current(cursor);
  return new ExpressionError(kind === 'end' ? 'ends too early' : `'${text}' is not expected there`);
}

/** The next token, if it is one of these operators. */
function operatorAt(cursor: Cursor, operators: readonly Operator[]): Operator | undefined {
  const { kind, text } = current(cursor);
  return kind === 'sign' || kind === 'name' ? operators.find((operator) => operator === text) : undefined;
}

function chain(cursor: Cursor, next: (cursor: Cursor) => Node, operators: readonly Operator[]): Node {
  let left = next(cursor);
  for (let operator = operatorAt(cursor, operators); operator !== undefined; operator = operatorAt(cursor, operators)) {
    cursor.position += 1;
    left = { kind: 'binary', operator, left, right: next(cursor) };
  }
  return left;
}

const parseOr = (cursor: Cursor): Node => chain(cursor, parseAnd, ['or']);
const parseAnd = (cursor: Cursor): Node => chain(cursor, parseNot, ['and']);
const parseSum = (cursor: Cursor): Node => chain(cursor, parseProduct, ['+', '-']);
const parseProduct = (cursor: Cursor): Node => chain(cursor, parseNegative, ['*', '/']);

function parseNot(cursor: Cursor): Node {
  const { kind, text } = current(cursor);
  if (kind !== 'name' || text !== 'not') return parseComparison(cursor);
  cursor.position += 1;
  return { kind: 'not', operand: parseNot(cursor) };
}

function parseComparison(cursor: Cursor): Node {
  const left = parseSum(cursor);
  const operator = operatorAt(cursor, ['==', '!=', '<', '<=', '>', '>=']);
  if (operator === undefined) return left;
  cursor.position += 1;
  return { kind: 'binary', operator, left, right: parseSum(cursor) };
}

function parseNegative(cursor: Cursor): Node {
  if (operatorAt(cursor, ['-']) === undefined) return parsePrimary(cursor);
  cursor.position += 1;
  return { kind: 'negative', operand: parsePrimary(cursor) };
}

function parsePrimary(cursor: Cursor): Node {
  const { kind, text } = current(cursor);
  if (kind === 'sign' && text === '(') return parseBrackets(cursor);
  if (kind === 'sign' || kind === 'end' || (kind === 'name' && ['and', 'or', 'not'].includes(text)))
    throw unexpected(cursor);
  cursor.position += 1;
  if (kind === 'number') return { kind: 'literal', value: Number(text) };
  if (kind === 'text') return { kind: 'literal', value: text };
  if (text === 'true' || text === 'false') return { kind: 'literal', value: text === 'true' };
  return { kind: 'name', name: text };
}

function parseBrackets(cursor: Cursor): Node {
  cursor.position += 1;
  cursor.depth += 1;
  if (cursor.depth > deepest) throw new ExpressionError(`has brackets nested more than ${deepest} deep`);
  const inner = parseOr(cursor);
  if (current(cursor).text !== ')') throw unexpected(cursor);
  cursor.position += 1;
  cursor.depth -= 1;
  return inner;
}

function namesIn(node: Node): readonly string[] {
  switch (node.kind) {
    case 'literal':
      return [];
    case 'name':
      return [node.name];
    case 'not':
    case 'negative':
      return namesIn(node.operand);
    case 'binary':
      return [...namesIn(node.left), ...namesIn(node.right)];
  }
}

/**
 * @param lookUp returns the value of a name; throws ExpressionError if it has none.
 * `explained` is the expression with values filled in: `12 > 5`.
 */
export function evaluate(expression: Expression, lookUp: (name: string) => Value): Evaluated {
  try {
    const value = compute(expression.tree, lookUp);
    const explained = expression.source.replaceAll(/'[^']*'|"[^"]*"|[A-Za-z_]\w*(?:\.\w+)*/g, (word) =>
      expression.names.includes(word) ? showValue(lookUp(word)) : word,
    );
    return { kind: 'value', value, explained };
  } catch (error) {
    if (error instanceof ExpressionError) return { kind: 'failed', message: error.message };
    throw error;
  }
}

function showValue(value: Value): string {
  return typeof value === 'string' ? JSON.stringify(value) : String(value);
}

function compute(node: Node, lookUp: (name: string) => Value): Value {
  switch (node.kind) {
    case 'literal':
      return node.value;
    case 'name':
      return lookUp(node.name);
    case 'not':
      return !truth(compute(node.operand, lookUp));
    case 'negative':
      return -number(compute(node.operand, lookUp));
    case 'binary':
      return computeBinary(node.operator, node, lookUp);
  }
}

function computeBinary(
  operator: Operator,
  { left, right }: { readonly left: Node; readonly right: Node },
  lookUp: (name: string) => Value,
): Value {
  const a = compute(left, lookUp);
  if (operator === 'and') return truth(a) && truth(compute(right, lookUp));
  if (operator === 'or') return truth(a) || truth(compute(right, lookUp));
  const b = compute(right, lookUp);
  switch (operator) {
    case '==':
    case '!=':
      if (typeof a !== typeof b)
        throw new ExpressionError(`${showValue(a)} and ${showValue(b)} are of different types`);
      return operator === '==' ? a === b : a !== b;
    case '<':
      return number(a) < number(b);
    case '<=':
      return number(a) <= number(b);
    case '>':
      return number(a) > number(b);
    case '>=':
      return number(a) >= number(b);
    case '+':
      return number(a) + number(b);
    case '-':
      return number(a) - number(b);
    case '*':
      return number(a) * number(b);
    case '/':
      if (number(b) === 0) throw new ExpressionError('divides by zero');
      return number(a) / number(b);
  }
}

function number(value: Value): number {
  if (typeof value === 'number') return value;
  throw new ExpressionError(`${showValue(value)} is not a number`);
}

function truth(value: Value): boolean {
  if (typeof value === 'boolean') return value;
  throw new ExpressionError(`${showValue(value)} is neither true nor false`);
}
