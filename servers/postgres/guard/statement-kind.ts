import { refuse } from './refusal.ts';
import type { Parsed } from './parse.ts';
import { isTree, locationOf, walk } from './tree.ts';

const reading = 'Write a plain SELECT.';

/** Parts of a SELECT that write or lock, at any depth. All of them also fail in a READ ONLY transaction. */
export function checkShape({ tree, sql }: Parsed): void {
  walk(tree, (name, node) => {
    if (name === 'intoClause')
      throw refuse('no-into', 'SELECT INTO creates a table.', reading, { sql, byte: relationByte(node) });
    if (name === 'LockingClause')
      throw refuse('no-locking', 'FOR UPDATE and FOR SHARE lock rows.', 'Remove the locking clause.');
    if (name === 'CommonTableExpr' && !isReading(node['ctequery']))
      throw refuse('no-modifying-with', 'A WITH part changes data.', 'WITH may contain only SELECT.', {
        sql,
        byte: locationOf(node),
      });
  });
}

function isReading(query: unknown): boolean {
  return isTree(query) && 'SelectStmt' in query;
}

function relationByte(into: unknown): number {
  return isTree(into) && isTree(into['rel']) ? locationOf(into['rel']) : 0;
}
