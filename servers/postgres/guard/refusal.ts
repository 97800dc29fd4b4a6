import { ToolError } from '../../kit/errors.ts';
import { locate } from '../connection/to-tool-error.ts';

/** Names of the rules, as they appear in refusals. */
export type Rule =
  | 'size'
  | 'one-statement'
  | 'statement-kind'
  | 'no-into'
  | 'no-locking'
  | 'no-modifying-with'
  | 'function-policy'
  | 'operator-policy'
  | 'cast-policy'
  | 'view-policy'
  | 'relation-policy'
  | 'masked-columns'
  | 'memory'
  | 'cost'
  | 'role';

/** @param byte offset in the UTF-8 text, as in libpg-query. */
export function refuse(rule: Rule, message: string, hint: string, at?: { sql: string; byte: number }): ToolError {
  if (at === undefined) return new ToolError('refused_by_guard', message, { hint, details: { rule } });
  const index = Array.from(Buffer.from(at.sql).subarray(0, at.byte).toString()).length;
  const { line, column, near } = locate(at.sql, index);
  return new ToolError('refused_by_guard', `${message} (line ${line}, column ${column}: ${near})`, {
    hint,
    details: { rule, position: index + 1, line, column },
  });
}
