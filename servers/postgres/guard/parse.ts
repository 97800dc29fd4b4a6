import { setFlagsFromString } from 'node:v8';
import type * as grammarModule from 'libpg-query';
import * as z from 'zod';
import { ToolError } from '../../kit/errors.ts';
import { locate } from '../connection/to-tool-error.ts';
import { refuse } from './refusal.ts';
import { isTree, type Tree } from './tree.ts';

/** One statement that is ready for further checks. */
export interface Parsed {
  readonly sql: string;
  /** For EXPLAIN, the inner statement counts too. */
  readonly kind: 'select' | 'explain' | 'show';
  /** EXPLAIN ANALYZE runs the statement. */
  readonly tree: Tree;
}

type Grammar = typeof grammarModule;

const maxBytes = 64 * 1024;
const maxNesting = 300;
const parserFailure = z.object({ sqlDetails: z.object({ message: z.string(), cursorPosition: z.number() }) });

let grammar: Promise<Grammar> | undefined;

/**
 * Loads PostgreSQL's parser (WebAssembly, about 15 ms) once, on first use. Measured with Node 24: optimizing its one
 * huge function costs V8 half a gigabyte and seconds of CPU time, and makes nothing faster.
 */
export function loadGrammar(): Promise<Grammar> {
  return (grammar ??= import('libpg-query').then(async (module) => {
    setFlagsFromString('--no-wasm-tier-up');
    setFlagsFromString('--no-wasm-dynamic-tiering');
    await module.loadModule();
    return module;
  }));
}

/**
 * First layer of the guard: the text must be one statement of a kind that only reads.
 * @throws ToolError `refused_by_guard` naming the rule, or `invalid_arguments` for a syntax error.
 */
export async function parseStatement(sql: string): Promise<Parsed> {
  checkSize(sql);
  const tree: unknown = parseText(await loadGrammar(), sql);
  const statements = isTree(tree) && Array.isArray(tree['stmts']) ? tree['stmts'].filter(isTree) : [];
  const [first, second] = statements;
  if (first === undefined) throw new ToolError('invalid_arguments', "'query' contains no statement.");
  if (second !== undefined) {
    const byte = typeof second['stmt_location'] === 'number' ? second['stmt_location'] : 0;
    throw refuse('one-statement', 'One statement per call.', 'Send them one at a time.', { sql, byte });
  }
  return { sql, ...readKind(first['stmt'], sql) };
}

/** libpg-query stops at NUL, so the rest would not be checked; very deep or long texts exhaust its stack. */
function checkSize(sql: string): void {
  if (sql.includes('\0')) throw refuse('size', 'The query contains a NUL character.', 'Remove it.');
  if (Buffer.byteLength(sql) > maxBytes)
    throw refuse('size', `The query is longer than ${maxBytes / 1024} KB.`, 'Pass long lists as one array parameter.');
  let depth = 0;
  for (const character of sql) {
    if (character === '(' || character === '[') depth += 1;
    else if (character === ')' || character === ']') depth -= 1;
    if (depth > maxNesting) throw refuse('size', 'The query is nested too deeply.', 'Flatten it using WITH.');
  }
}

function parseText(module: Grammar, sql: string): unknown {
  try {
    return module.parseSync(sql);
  } catch (error) {
    const failure = parserFailure.safeParse(error);
    if (!failure.success || /memory exhausted|stack depth/.test(failure.data.sqlDetails.message))
      throw refuse(
        'size',
        'The query is too large or too deeply nested to be checked.',
        'Make it shorter and flatter.',
      );
    const { message, cursorPosition } = failure.data.sqlDetails;
    const place = locate(sql, cursorPosition);
    const hint = hintOf(sql);
    throw new ToolError(
      'invalid_arguments',
      `PostgreSQL: ${message} at line ${place.line}, column ${place.column}: ${place.near}`,
      {
        ...(hint !== undefined && { hint }),
        details: { sqlstate: '42601', position: cursorPosition + 1, line: place.line, column: place.column },
      },
    );
  }
}

/** Syntax of psql and other databases. */
function hintOf(sql: string): string | undefined {
  if (/^\s*(?:\\[a-z]|desc(?:ribe)?\b)/i.test(sql)) return 'list_tables and get_table_schema show tables and columns.';
  if (sql.includes('`')) return 'Use double quotes for names that need quoting.';
  if (/^\s*select\s+top\b/i.test(sql)) return 'Put LIMIT at the end.';
  return undefined;
}

function readKind(statement: unknown, sql: string): Pick<Parsed, 'kind' | 'tree'> {
  if (!isTree(statement)) throw new ToolError('invalid_arguments', "'query' contains no statement.");
  const kind = Object.keys(statement)[0] ?? '';
  if (kind === 'SelectStmt') return { kind: 'select', tree: statement };
  if (kind === 'VariableShowStmt') return { kind: 'show', tree: statement };
  const inner = kind === 'ExplainStmt' && isTree(statement[kind]) ? statement[kind]['query'] : undefined;
  if (isTree(inner) && 'SelectStmt' in inner) return { kind: 'explain', tree: statement };
  const name = nameOfKind(isTree(inner) ? (Object.keys(inner)[0] ?? kind) : kind);
  throw refuse(
    'statement-kind',
    `${name} is not a read-only statement: this connection only runs SELECT, VALUES, TABLE, SHOW and EXPLAIN of those.`,
    settings.has(kind)
      ? 'Every call runs in its own read-only transaction, with the settings of the connection.'
      : 'Propose the statement to a person instead.',
    { sql, byte: 0 },
  );
}

/** Statements that affect the session or its transaction. */
const settings: ReadonlySet<string> = new Set(['VariableSetStmt', 'TransactionStmt', 'DiscardStmt', 'PrepareStmt']);

/** Names that differ from the parser's node names. */
const namesOfKinds: Readonly<Record<string, string>> = {
  VariableSetStmt: 'SET',
  TransactionStmt: 'Transaction control',
  CreateTableAsStmt: 'CREATE TABLE AS',
  CreateStmt: 'CREATE TABLE',
  VacuumStmt: 'VACUUM or ANALYZE',
  LockStmt: 'LOCK TABLE',
  DefineStmt: 'CREATE',
};

/** `InsertStmt` as INSERT, `DropRoleStmt` as DROP ROLE. */
function nameOfKind(kind: string): string {
  const known = namesOfKinds[kind];
  if (known !== undefined) return known;
  return kind
    .replace(/Stmt$/, '')
    .replaceAll(/([a-z])([A-Z])/g, '$1 $2')
    .toUpperCase();
}
