import { ToolError } from '../kit/errors.ts';
import type { Verdict } from './guard/check-statement.ts';
import { hasParameters } from './guard/parameter-use.ts';
import { parseStatement, type Parsed } from './guard/parse.ts';
import { refuse } from './guard/refusal.ts';
import type { PlanNode } from './plan-node.ts';
import type { Page, Session } from './connection/session.ts';
import { serverError } from './connection/to-tool-error.ts';

/**
 * pg_stat_statements turns a constant with a type before it into invalid SQL that our parser accepts: `interval $1`,
 * `extract($1 from at)`. The extracted field does not affect the plan.
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
 * The plan for any values. Uses the simple protocol, where parameters need no values. That protocol accepts several
 * statements, so the text must not contain anything that could end one.
 * @throws ToolError if the server is too old
 */
export async function readGenericPlan(session: Session, sql: string): Promise<Page> {
  const [answer] = await session.readAll([{ text: "SELECT pg_catalog.current_setting('server_version_num')" }]);
  const version = Math.floor(Number(answer?.rows[0]?.[0]) / 10_000);
  if (version < 16)
    throw new ToolError(
      'invalid_arguments',
      `The query uses $1 but 'params' is empty. PostgreSQL ${version} cannot plan a query without values; 16 and later can.`,
      { hint: "Give typical values in 'params'. Do not use NULL: nothing equals NULL, so the plan would be empty." },
    );
  const text = sql.trim().replace(/(?<![;\s])[;\s]+$/, '');
  if (text.includes(';'))
    throw refuse(
      'one-statement',
      "Without values for $1 the query may not contain ';'.",
      "Remove it, or give 'params'.",
    );
  return session.readPlain(text).catch((error: unknown) => Promise.reject(withHint(error)));
}

/** Errors caused by missing values: PostgreSQL does not know their types, or which of them were equal. */
const unknownValues: ReadonlySet<string> = new Set(['42803', '42P18', '42P08', '42725', '42883', '42804']);

function withHint(error: unknown): unknown {
  const state = serverError(error)?.code;
  if (!(error instanceof Error) || state === undefined || !unknownValues.has(state)) return error;
  return Object.assign(error, {
    hint: 'Without values PostgreSQL does not know the types of $1, $2, ... or which were equal. Add casts such as $1::int, and use one number for a value that occurs twice.',
  });
}

/** A condition on a NULL parameter is never true, so the planner discards the query. */
export function plannedAway(root: PlanNode, parameters: readonly unknown[]): boolean {
  if (!parameters.includes(null)) return false;
  const nodes = [root];
  for (let node = nodes.pop(); node !== undefined; node = nodes.pop()) {
    if (node['One-Time Filter'] === 'false') return true;
    nodes.push(...node.children);
  }
  return false;
}

/** The same for the text of an EXPLAIN in any format. */
export function holdsEmptyPlan(rows: readonly (readonly (string | null)[])[]): boolean {
  return rows.some(([line]) => /One-Time.Filter"?>?:? ?"?false/.test(line ?? ''));
}

function needsValues(): ToolError {
  return new ToolError('invalid_arguments', "The query uses $1, so running it needs values, but 'params' is empty.", {
    hint: "Give 'params', or omit 'analyze' for a plan for any values.",
  });
}

export const plannedAwayHint =
  "a parameter is NULL and nothing equals NULL, so this plan reads nothing: omit 'params' for a plan for any values, or give a typical value";

/** The statement that gets a plan as JSON, for the given values or, without them, for any. @throws ToolError */
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
