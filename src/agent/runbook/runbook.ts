import type { BudgetLimits } from '../budget.ts';
import { parseCheckedYaml, type SourceIssue } from '../yaml.ts';
import { canonicalJson } from '../../../servers/contract/canonical-json.ts';
import { sha256Hex } from '../../../servers/contract/sha256.ts';
import type { ConditionState } from '../events.ts';
import type { Evidence } from '../evidence/types.ts';
import { evaluate, ExpressionError, parseExpression, type Expression, type Value } from './expression.ts';
import type { Grant } from '../policy/grants.ts';
import { numberOf } from '../evidence/cell.ts';
import { bindMeasure, fillText, fillValues } from './binding.ts';
import { frontMatterSchema, problemOfValue, type FrontMatter, type ParameterDefinition } from './schema.ts';
import type { Arguments } from '../tools.ts';

/** A written procedure: what to measure, when to act, what is allowed, and instructions for the model. */
export interface Runbook extends Omit<FrontMatter, '$schema'> {
  readonly fileName: string;
  /** Markdown; `{{parameter}}` and `{{measure}}` stand for their values. */
  readonly instructions: string;
  /** Hex digest of the whole source, to which an acceptance is pinned. */
  readonly sha256: string;
}

export type ParsedRunbook =
  | { readonly kind: 'valid'; readonly runbook: Runbook }
  /** `describeIssues` puts them in words. */
  | { readonly kind: 'invalid'; readonly issues: readonly SourceIssue[] };

export type ParameterValues = Readonly<Record<string, Value>>;

/** A runbook with its parameters filled in, ready to run. */
export interface BoundRunbook {
  readonly runbook: Runbook;
  readonly parameters: ParameterValues;
  /** Names of parameters whose values others wrote: an alert, a webhook. */
  readonly fromOthers?: readonly string[] | undefined;
  readonly measures: readonly { readonly name: string; readonly tool: string; readonly arguments: Arguments }[];
  readonly conditions: readonly BoundCondition[];
  /** Writes that must succeed as previews before the model is asked. */
  readonly previews: readonly { readonly tool: string; readonly arguments: Arguments }[];
  /** They apply only after a person has accepted the runbook; see `acceptance`. */
  readonly grants: readonly Grant[];
  /** Hex digest of the source and the grants with their values. A changed file or destination is asked about again. */
  readonly acceptance: string;
}

export interface BoundCondition {
  readonly name: string;
  readonly expression: Expression;
  readonly requires: readonly string[];
  readonly otherwise: string | undefined;
}

export type BindResult =
  | { readonly kind: 'bound'; readonly bound: BoundRunbook }
  /** One sentence each: `Parameter 'threshold' must be a number, not 'five'.` */
  | { readonly kind: 'invalid'; readonly problems: readonly string[] };

const frontMatter = /^\uFEFF?---[ \t]*\r?\n([\s\S]*?)(?:^|\n)---[ \t]*(?:\r?\n|$)/;

/** Maximum file size in bytes. A runbook is a few kilobytes. */
export const maxRunbookBytes = 64 * 1024;
/** Starts of lists, mappings, quoted texts, anchors and aliases. With thousands of them, YAML takes seconds. */
const nesting = /[[{"'&*]/g;
const maxNesting = 2000;
const maxIssues = 20;

export function parseRunbook(source: string, fileName: string): ParsedRunbook {
  if (source.length > maxRunbookBytes) {
    const message = `must be at most ${maxRunbookBytes / 1024} KB`;
    return { kind: 'invalid', issues: [{ line: 1, column: 1, field: '', message }] };
  }
  const found = frontMatter.exec(source);
  if (found === null) {
    const message = "must start with YAML front matter between two lines '---'";
    return { kind: 'invalid', issues: [{ line: 1, column: 1, field: '', message }] };
  }
  if ((found[1]?.match(nesting)?.length ?? 0) > maxNesting) {
    const message = `front matter must have at most ${maxNesting} brackets, quotes, '&' and '*'`;
    return { kind: 'invalid', issues: [{ line: 2, column: 1, field: '', message }] };
  }
  const checked = parseCheckedYaml(found[1] ?? '', frontMatterSchema, 2);
  if (checked.kind === 'invalid') return checked;
  const instructions = source.slice(found[0].length).trim();
  const issues = unknownInText(
    instructions,
    checked.value,
    source,
    source.length - source.slice(found[0].length).length,
  );
  if (issues.length > 0) return { kind: 'invalid', issues };
  return { kind: 'valid', runbook: { ...checked.value, fileName, instructions, sha256: sha256Hex(source) } };
}

/** Finds `{{name}}` that is not a parameter, a measure or an evidence reference. */
function unknownInText(text: string, parts: FrontMatter, source: string, bodyStart: number): SourceIssue[] {
  const known = [...Object.keys(parts.parameters), ...Object.keys(parts.measures)];
  const issues: SourceIssue[] = [];
  const start = source.indexOf(text, bodyStart);
  for (const match of text.matchAll(/\{\{\s*([a-z][\w.]*)\s*\}\}/g)) {
    const used = match[1]?.split('.')[0] ?? '';
    if (known.includes(used)) continue;
    if (issues.length === maxIssues) break;
    const before = source.slice(0, start + match.index).split('\n');
    const message = `{{${match[1]}}}: unknown parameter or measure '${used}'; known: ${known.join(', ') || 'none'}`;
    issues.push({ line: before.length, column: (before.at(-1)?.length ?? 0) + 1, field: '', message });
  }
  return issues;
}

/** @param given values by name. Numbers and booleans may be text, as from a command line. */
export function bindRunbook(runbook: Runbook, given: Readonly<Record<string, unknown>>): BindResult {
  const problems: string[] = [];
  const known = Object.keys(runbook.parameters);
  for (const name of Object.keys(given)) {
    if (!known.includes(name))
      problems.push(`Unknown parameter '${name}'. Parameters of ${runbook.name}: ${known.join(', ') || 'none'}.`);
  }
  const parameters: Record<string, Value> = {};
  for (const [name, definition] of Object.entries(runbook.parameters)) {
    const value = readParameter(definition, Object.hasOwn(given, name) ? given[name] : definition.default);
    const problem = value === undefined ? 'must be given' : problemOfValue(definition, value);
    if (problem !== undefined)
      problems.push(`Parameter '${name}' ${problem}${value === undefined ? '' : `, not '${value}'`}.`);
    else if (value !== undefined) parameters[name] = value;
  }
  if (problems.length > 0) return { kind: 'invalid', problems };
  const grants = runbook.grants.map((grant) => ({
    ...grant,
    ...(grant.where !== undefined && { where: fillValues(grant.where, parameters) }),
  }));
  const bound: BoundRunbook = {
    runbook,
    parameters,
    measures: Object.entries(runbook.measures).map(([name, measure]) => ({
      name,
      tool: measure.tool,
      arguments: bindMeasure(measure, runbook.parameters, parameters),
    })),
    conditions: runbook.conditions.map((condition) => ({
      ...condition,
      expression: parseExpression(condition.expression),
      otherwise: condition.otherwise,
    })),
    previews: runbook.previews.map((preview) => ({
      tool: preview.tool,
      arguments: bindMeasure(preview, runbook.parameters, parameters),
    })),
    grants,
    acceptance: sha256Hex(canonicalJson({ source: runbook.sha256, grants })),
  };
  return { kind: 'bound', bound };
}

function readParameter(definition: ParameterDefinition, given: unknown): Value | undefined {
  if (typeof given === 'number' || typeof given === 'boolean') return given;
  if (typeof given !== 'string') return undefined;
  const text = given.trim();
  switch (definition.type) {
    case 'integer':
    case 'number':
      return /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(text) ? Number(text) : given;
    case 'boolean':
      return text === 'true' || text === 'false' ? text === 'true' : given;
    case 'identifier':
      return text;
    case 'string':
      return given;
  }
}

/** The front matter's budget, in the terms of `Budget`. */
export function limitsOfRunbook({ budget = {} }: Runbook): Partial<BudgetLimits> {
  const {
    turns = 0,
    tool_calls: maxToolCalls = 0,
    tokens = 0,
    dollars = 0,
    rows = 0,
    database_seconds: seconds = 0,
  } = budget;
  return {
    maxTurns: turns,
    maxToolCalls,
    maxTokens: tokens,
    maxCost: dollars,
    maxRows: rows,
    maxDatabaseSeconds: seconds,
  };
}

/** The evidence of each measure, by measure name. */
export type MeasureResults = ReadonlyMap<string, Evidence>;

export type EvaluatedCondition =
  | { readonly kind: 'evaluated'; readonly state: ConditionState }
  /** The condition is neither true nor false. It counts as false, so that tools that require it stay denied. */
  | { readonly kind: 'failed'; readonly message: string; readonly state: ConditionState };

export function evaluateCondition(
  condition: BoundCondition,
  parameters: ParameterValues,
  measures: MeasureResults,
): EvaluatedCondition {
  const { name, expression } = condition;
  const result = evaluate(expression, (used) => valueOf(used, parameters, measures));
  const message =
    result.kind === 'failed'
      ? result.message
      : typeof result.value === 'boolean'
        ? undefined
        : `${result.explained} is neither true nor false`;
  if (result.kind === 'value' && message === undefined) {
    const state = { name, expression: expression.source, explained: result.explained, holds: result.value === true };
    return { kind: 'evaluated', state };
  }
  const reason = `The condition '${name}' (${expression.source}) cannot be evaluated: ${message}.`;
  const state = { name, expression: expression.source, explained: message ?? '', holds: false };
  return { kind: 'failed', message: reason, state };
}

/**
 * The value of `threshold`, `failed_count`, `failed_count.row_count` or `failed_count.some_column`. A measure's value
 * is the column of the same name, or the only cell, in its only row.
 * @throws ExpressionError
 */
export function valueOf(used: string, parameters: ParameterValues, measures: MeasureResults): Value {
  const [name = '', column] = used.split('.', 2);
  if (Object.hasOwn(parameters, name) && column === undefined) {
    const value = parameters[name];
    if (value !== undefined) return value;
  }
  const evidence = measures.get(name);
  if (evidence === undefined) throw new ExpressionError(`${used} has no value`);
  if (column === 'row_count') {
    if (evidence.truncated)
      throw new ExpressionError(`${used} is not known: the result was cut at ${evidence.rowCount} rows`);
    return evidence.rowCount;
  }
  const cell = evidence.columns.length === 0 ? evidence.value[column ?? name] : cellOf(evidence, column, name);
  if (typeof cell === 'boolean') return cell;
  const number = numberOf(cell);
  if (number !== undefined) {
    if (Number.isInteger(number) && !Number.isSafeInteger(number))
      throw new ExpressionError(`${used} is ${String(cell)}, too large to compare exactly`);
    return number;
  }
  if (typeof cell === 'string') return cell;
  throw new ExpressionError(`${used} is ${cell === undefined ? 'not in the result' : JSON.stringify(cell)}`);
}

function cellOf(evidence: Evidence, column: string | undefined, measure: string): unknown {
  const { columns, rows } = evidence;
  if (rows.length !== 1) throw new ExpressionError(`${measure} has ${rows.length} rows instead of one`);
  const wanted = columns.findIndex(({ name }) => name === (column ?? measure));
  if (wanted >= 0) return rows[0]?.[wanted];
  if (column === undefined && columns.length === 1) return rows[0]?.[0];
  const known = columns.map(({ name }) => name).join(', ');
  throw new ExpressionError(`${measure} has no column '${column ?? measure}', only ${known}`);
}

/** The instructions, or a condition's `otherwise`, with the values of parameters and measures in place. */
export function fillInstructions(text: string, parameters: ParameterValues, measures: MeasureResults): string {
  return fillText(text, (used) => {
    try {
      return String(valueOf(used, parameters, measures));
    } catch (error) {
      if (error instanceof ExpressionError) return undefined;
      throw error;
    }
  });
}
