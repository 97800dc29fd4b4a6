import { ToolError } from '../../kit/errors.ts';
import type { CallIo } from '../connection/session-lender.ts';
import type { Database } from '../database.ts';
import type { Statement } from '../connection/statement.ts';
import { formsOf, meaningsOf, sameName, splitName } from '../identifiers.ts';
import { didYouMean, namesLike, nearest } from './similar-names.ts';
import { fromRelations, sqlLabel } from '../catalog/relations.ts';
import { encodeParameter } from '../values.ts';

export interface Relation {
  readonly id: string;
  readonly schema: string;
  readonly name: string;
}

interface Candidate extends Relation {
  readonly visible: boolean;
  readonly usable: boolean;
  /** Quoted for SQL. */
  readonly label: string;
}

const columns = `c.oid, n.nspname, c.relname, pg_catalog.pg_table_is_visible(c.oid),
  pg_catalog.has_schema_privilege(n.oid, 'usage'), ${sqlLabel}`;
const tables = `c.relkind in ('r', 'p', 'v', 'm', 'f') and n.nspname !~ '^pg_(toast|temp)'`;

/**
 * Finds a table by the name that a model gives: with or without schema, quotes or correct case, or as any list shows
 * it.
 * @throws ToolError `not_found` with similar names, `invalid_arguments` if several schemas have it.
 */
export async function findRelation(database: Database, given: string, io: CallIo): Promise<Relation> {
  const meanings = meaningsOf(given);
  const wanted = splitName(given).at(-1) ?? '';
  if (meanings.length === 0) throw new ToolError('invalid_arguments', "'table_name' must be a table or schema.table.");
  const [rows = []] = await database.inspect([named(meanings.map(({ name }) => name))], io);
  const found = choose(rows.map(toCandidate), given);
  if (found !== undefined) return found;
  const [like = [], unusual = []] = await database.inspect([namesLike(wanted), notAscii], io);
  const other = choose(unusual.map(toCandidate), given);
  if (other !== undefined) return other;
  if (splitName(given).length > 3)
    throw new ToolError('invalid_arguments', "'table_name' must be a table or schema.table.");
  throw new ToolError('not_found', `Table '${given}' does not exist.`, { hint: didYouMean(nearest(wanted, like)) });
}

function named(names: readonly string[]): Statement {
  const forms = [...new Set(names.flatMap(formsOf))];
  return {
    text: `select ${columns} ${fromRelations}
      where ${tables} and (c.relname = any($1) or pg_catalog.lower(c.relname) = any($1))
      order by n.nspname, c.relname limit 1000`,
    values: [encodeParameter(forms)],
  };
}

/** Compares non-ASCII letters without regard to case here, because the server's result depends on its locale. */
const notAscii: Statement = {
  text: `select ${columns} ${fromRelations}
    where ${tables} and (pg_catalog.octet_length(c.relname::text) > pg_catalog.length(c.relname::text)
      or pg_catalog.octet_length(n.nspname::text) > pg_catalog.length(n.nspname::text)) limit 5000`,
};

function toCandidate([id, schema, name, visible, usable, label]: readonly (string | null)[]): Candidate {
  return {
    id: id ?? '',
    schema: schema ?? '',
    name: name ?? '',
    visible: visible === 't',
    usable: usable === 't',
    label: label ?? '',
  };
}

/** The first reading of the name that matches something; exact matches come before similar ones. */
function choose(all: readonly Candidate[], given: string): Candidate | undefined {
  const meanings = meaningsOf(given);
  const exact = (a: string, b: string): boolean => a === b;
  for (const usable of [true, false]) {
    const reachable = all.filter((one) => one.usable === usable);
    for (const same of [exact, sameName]) {
      for (const { schema, name } of meanings) {
        const fitting = reachable.filter(
          (one) => same(one.name, name) && (schema === undefined || sameName(one.schema, schema)),
        );
        const inSchema = fitting.filter((one) => schema !== undefined && one.schema === schema);
        const found = theOne(inSchema.length > 0 ? inSchema : fitting, given);
        if (found !== undefined) return found;
      }
    }
  }
  return undefined;
}

function theOne(all: readonly Candidate[], given: string): Candidate | undefined {
  const ofUsers = all.filter(({ schema, visible }) => visible || !/^(?:pg_catalog|information_schema)$/.test(schema));
  const fitting = ofUsers.length > 0 ? ofUsers : all;
  const chosen = fitting.find((one) => one.visible) ?? fitting[0];
  if (chosen === undefined || chosen.visible || fitting.length === 1) return chosen;
  throw new ToolError('invalid_arguments', `'table_name': '${given}' is ambiguous.`, {
    hint: `Choose one: ${fitting
      .slice(0, 10)
      .map((one) => one.label)
      .join(', ')}.`,
  });
}
