import { ToolError } from '../kit/errors.ts';
import type { Verdict } from './guard/check-statement.ts';
import { hasParameters } from './guard/parameter-use.ts';
import { parseStatement, type Parsed } from './guard/parse.ts';
import { refuse } from './guard/refusal.ts';
import type { PlanNode } from './plan-node.ts';
import type { Page, Session } from './connection/session.ts';
import { serverError } from './connection/to-tool-error.ts';

/**
 * What pg_stat_statements makes of a constant with a type before it is no SQL, though our grammar takes it:
 * `interval $1`, `extract($1 from at)`. Which field is extracted changes no plan.
 * @throws ToolError
 */
export async function parseForPlan(sql: string): Promise<Parsed> {
  const parsed = await parseStatement(sql);
  if (!hasParameters(parsed.tree)) return parsed;
  const readable = sql
    .replaceAll(typeBeforeValue, '($2)::$1')
    .replaceAll(/\bextract\s*\(\s*\$\d+\s+from\b/gi, 'extract(epoch from');
  return readable === sql ? parsed : parseStatement(readable).catch(() => parsed);
}

const typeBeforeValue =
  /\b(double precision|time(?:stamp)? with(?:out)? time zone|interval|date|time(?:stamp)?(?:tz)?|numeric|decimal|int(?:eger|[248])?|bigint|smallint|real|float[48]?|bool(?:ean)?|text|varchar|bpchar|name|jsonb?|uuid|bytea|inet|cidr|xml|money|point|regclass|geometry|geography|hstore|ltree|citext)\s+(\$\d+)\b/gi;

/**
 * The plan that fits any values. Asked for by the simple protocol, in which a parameter needs no value; that protocol
 * would take several statements, so the text may hold nothing that could end one.
 * @throws ToolError where the server is too old for it
 */
export async function readGenericPlan(session: Session, sql: string): Promise<Page> {
  const [answer] = await session.readAll([{ text: "SELECT pg_catalog.current_setting('server_version_num')" }]);
  const version = Math.floor(Number(answer?.rows[0]?.[0]) / 10_000);
  if (version < 16)
    throw new ToolError(
      'invalid_arguments',
      `The query uses $1 and 'params' is empty. PostgreSQL ${version} cannot plan a query without values; 16 and later can.`,
      { hint: "Give 'params' typical values. NULL is not one: nothing equals NULL, so the plan would be empty." },
    );
  const text = sql.trim().replace(/[;\s]+$/, '');
  if (text.includes(';'))
    throw refuse(
      'one-statement',
      "Without values for $1 the query may not contain ';'.",
      "Remove it, or give 'params'.",
    );
  return session.readPlain(text).catch((error: unknown) => Promise.reject(withHint(error)));
}

/** What PostgreSQL says of a text whose values are gone: it knows neither their types nor which of them were the same. */
const unknownValues: ReadonlySet<string> = new Set(['42803', '42P18', '42P08', '42725', '42883', '42804']);

function withHint(error: unknown): unknown {
  const state = serverError(error)?.code;
  if (!(error instanceof Error) || state === undefined || !unknownValues.has(state)) return error;
  return Object.assign(error, {
    hint: 'Without values PostgreSQL knows neither the types of $1, $2, ... nor which of them were the same: write casts such as $1::int, and one number where one value stood twice.',
  });
}

/** A condition on a NULL that was given is never true: the planner throws the query away. */
export function plannedAway(root: PlanNode, parameters: readonly unknown[]): boolean {
  if (!parameters.includes(null)) return false;
  const nodes = [root];
  for (let node = nodes.pop(); node !== undefined; node = nodes.pop()) {
    if (node['One-Time Filter'] === 'false') return true;
    nodes.push(...node.children);
  }
  return false;
}

/** The same in the text of an EXPLAIN, whatever its format. */
export function holdsEmptyPlan(rows: readonly (readonly (string | null)[])[]): boolean {
  return rows.some(([line]) => /One-Time.Filter"?>?:? ?"?false/.test(line ?? ''));
}

function needsValues(): ToolError {
  return new ToolError('invalid_arguments', "The query uses $1, so running it needs values: 'params' is empty.", {
    hint: "Give 'params', or leave 'analyze' out for a plan that fits any value.",
  });
}

export const plannedAwayHint =
  "a parameter is NULL and nothing equals NULL, so this plan reads nothing: leave 'params' out for a plan that fits any value, or give a typical value";

/** The statement that asks for a plan as JSON: of the values that are given or, without them, of any. @throws ToolError */
export function explainText(
  parsed: Parsed,
  verdict: Verdict,
  parameters: readonly unknown[],
  analyze: boolean,
): { text: string; generic: boolean } {
  const generic = parameters.length === 0 && hasParameters(parsed.tree);
  if (generic && analyze) throw needsValues();
  const option = generic ? ', GENERIC_PLAN' : analyze ? ', ANALYZE, BUFFERS' : '';
  return { text: `EXPLAIN (FORMAT JSON${option}) ${verdict.sql}`, generic };
}
