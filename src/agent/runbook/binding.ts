import { factsOfTool } from '../../../servers/contract/tool-facts.ts';
import { exactValue, type ExactValue } from '../policy/grants.ts';
import type { Value } from './expression.ts';
import type { ParameterDefinition } from './schema.ts';
import type { Arguments } from '../tools.ts';

type Definitions = Readonly<Record<string, ParameterDefinition>>;
type Values = Readonly<Record<string, Value>>;

const reference = /\$\{([a-z][a-z0-9_]*)\}/g;

/** A measure's arguments with parameters filled in: bound parameters in SQL, values or text elsewhere. */
export function bindMeasure(
  measure: { readonly tool: string; readonly arguments: Arguments },
  definitions: Definitions,
  values: Values,
): Arguments {
  if (factsOfTool(measure.tool)?.sql.includes('query') !== true)
    return Object.fromEntries(entriesOf(measure.arguments, values));
  const { query, params, ...others } = measure.arguments;
  const bound: unknown[] = Array.isArray(params) ? params.map((value) => fillValue(value, values)) : [];
  const sql = typeof query === 'string' ? bindSql(query, definitions, values, bound) : query;
  return {
    ...Object.fromEntries(entriesOf(others, values)),
    query: sql,
    ...(bound.length > 0 && { params: bound }),
  };
}

function entriesOf(input: Arguments, values: Values): [string, unknown][] {
  return Object.entries(input).map(([name, value]) => [name, fillValue(value, values)]);
}

/** Values become `$n`, the same one for the same parameter. Only table and column names go into the text, quoted. */
function bindSql(query: string, definitions: Definitions, values: Values, bound: unknown[]): string {
  const places = new Map<string, number>();
  return query.replaceAll(reference, (whole, name: string) => {
    const value = values[name];
    if (value === undefined) return whole;
    if (definitions[name]?.type === 'identifier') return quoteIdentifier(String(value));
    const place = places.get(name) ?? bound.push(value);
    places.set(name, place);
    return `$${place}`;
  });
}

/** `public.orders` as `"public"."orders"`. The value has been checked for quotes. */
function quoteIdentifier(name: string): string {
  return name
    .split('.')
    .map((part) => `"${part.replaceAll('"', '""')}"`)
    .join('.');
}

/** Recursive. A string that is a single reference becomes the typed value; other references become text. */
function fillValue(value: unknown, values: Values): unknown {
  if (typeof value === 'string') {
    const whole = /^\$\{([a-z][a-z0-9_]*)\}$/.exec(value)?.[1];
    if (whole !== undefined && values[whole] !== undefined) return values[whole];
    return value.replaceAll(reference, (found, name: string) => String(values[name] ?? found));
  }
  if (Array.isArray(value)) return value.map((item) => fillValue(item, values));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, fillValue(inner, values)]));
}

export function fillValues(
  where: Readonly<Record<string, readonly ExactValue[]>>,
  values: Values,
): Record<string, ExactValue[]> {
  return Object.fromEntries(
    Object.entries(where).map(([name, allowed]) => [
      name,
      allowed.map((value) => exactValue.safeParse(fillValue(value, values)).data ?? value),
    ]),
  );
}

/** Fills in `{{name}}`. Names unknown to `valueOf` stay, so that `{{E1}}` reaches the model unchanged. */
export function fillText(text: string, valueOf: (name: string) => string | undefined): string {
  return text.replaceAll(/\{\{\s*([a-z][\w.]*)\s*\}\}/g, (whole, name: string) => valueOf(name) ?? whole);
}
