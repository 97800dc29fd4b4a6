import { l10n } from 'vscode';
import * as z from 'zod';
import type { Arguments, ToolOutcome } from '../../agent/tools.ts';
import { known, mention, type Mention, type MentionSearch, type MentionSource } from './mention-source.ts';
import { plural } from '../plural.ts';

/** Calls a reading tool of one of our servers, by `server__tool`. */
export type CallTool = (name: string, input: Arguments, signal: AbortSignal) => Promise<ToolOutcome>;

const minute = 60_000;
/** In these states there is nothing to offer, and nothing to report. */
const expected = ['not_configured', 'cancelled', 'not_found', 'not_allowed'];

const tableSchema = z.object({
  columns: z.array(z.object({ name: z.string() })),
  rows: z.array(z.array(z.unknown())),
  truncated: z.boolean(),
  next_cursor: z.string().optional(),
});

export type Row = Readonly<Record<string, string>>;

interface Page {
  readonly rows: readonly Row[];
  readonly nextCursor: string | undefined;
}

/** The rows of a result by the names of its columns. None if the system is not connected. */
export async function rowsOf(call: CallTool, name: string, input: Arguments, signal: AbortSignal): Promise<Page> {
  const outcome = await call(name, input, signal);
  if (outcome.kind === 'failure') {
    if (expected.includes(outcome.failure.code)) return { rows: [], nextCursor: undefined };
    throw new Error(`${name}: ${outcome.failure.message}`);
  }
  const { columns, rows, next_cursor: nextCursor } = tableSchema.parse(outcome.structured);
  const toRow = (row: readonly unknown[]): Row =>
    Object.fromEntries(columns.map((column, index) => [column.name, textOf(row[index])]));
  return { rows: rows.map(toRow), nextCursor };
}

function textOf(cell: unknown): string {
  return cell === null || cell === undefined ? '' : typeof cell === 'string' ? cell : JSON.stringify(cell);
}

const maxPages = 10;
const columnsOfPage = 1000;
const maxColumns = 20_000;
const columnQuery = `
  select table_schema, table_name, column_name,
    case data_type when 'USER-DEFINED' then udt_name else data_type end as data_type
  from information_schema.columns
  where table_schema not in ('pg_catalog', 'information_schema')
  order by table_schema, table_name, ordinal_position
  limit ${columnsOfPage} offset $1`;

/** A table that may be read, with its columns as far as they are known. */
export interface KnownTable {
  readonly schema: string;
  readonly table: string;
  readonly kind: string;
  readonly estimatedRows: string;
  readonly comment: string;
  readonly columns: readonly { readonly name: string; readonly type: string }[];
}

export async function readTables(call: CallTool, signal: AbortSignal): Promise<readonly KnownTable[]> {
  const [tables, columns] = await Promise.all([listTables(call, signal), listColumns(call, signal)]);
  return tables.map(({ schema = '', table = '', kind = '', estimated_rows: estimatedRows = '', comment = '' }) => {
    const own = columns.filter((row) => row['table_schema'] === schema && row['table_name'] === table);
    const named = own.map(({ column_name: name = '', data_type: type = '' }) => ({ name, type }));
    return { schema, table, kind, estimatedRows, comment, columns: named };
  });
}

async function listTables(call: CallTool, signal: AbortSignal): Promise<readonly Row[]> {
  const all: Row[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < maxPages; page += 1) {
    const input = cursor === undefined ? {} : { cursor };
    const { rows, nextCursor } = await rowsOf(call, 'postgres__list_tables', input, signal);
    all.push(...rows);
    cursor = nextCursor;
    if (cursor === undefined) break;
  }
  return all;
}

async function listColumns(call: CallTool, signal: AbortSignal): Promise<readonly Row[]> {
  const all: Row[] = [];
  while (all.length < maxColumns) {
    const input = { query: columnQuery, params: [all.length], limit: columnsOfPage };
    const { rows } = await rowsOf(call, 'postgres__query_database', input, signal);
    all.push(...rows);
    if (rows.length === 0) break;
  }
  return all;
}

function tableMentions(tables: readonly KnownTable[]): readonly Mention[] {
  const names = tables.map((each) => ({ ...each, label: labelOf(each) }));
  return [
    ...names.map(({ label, schema, table, kind, estimatedRows, comment, columns }) =>
      mention(
        { id: `table:${label}`, kind: 'table', label, detail: shownAbout(kind, estimatedRows), insert: `@${label}` },
        known(`Table ${schema}.${table} of PostgreSQL`, [
          about(kind, estimatedRows),
          comment,
          columns.map(({ name, type }) => `${name} ${type}`).join(', '),
        ]),
        table,
      ),
    ),
    ...names.flatMap(({ label, schema, table, columns }) =>
      columns.map(({ name, type }) => {
        const shown = `${label}.${name}`;
        const fact = known(`Column ${schema}.${table}.${name} of PostgreSQL`, [`type ${type}`]);
        return mention(
          { id: `column:${shown}`, kind: 'column', label: shown, detail: type, insert: `@${shown}` },
          fact,
        );
      }),
    ),
  ];
}

function labelOf({ schema, table }: KnownTable): string {
  return schema === 'public' ? table : `${schema}.${table}`;
}

const kindWords: Readonly<Record<string, string>> = {
  table: l10n.t('table'),
  view: l10n.t('view'),
  'materialized view': l10n.t('materialized view'),
  'partitioned table': l10n.t('partitioned table'),
  'foreign table': l10n.t('foreign table'),
};

/** For the person who chooses. What the model reads is in English. */
function shownAbout(kind: string, estimatedRows: string): string {
  const rows = Number(estimatedRows);
  if (estimatedRows === '' || !(rows >= 0)) return kindWords[kind] ?? kind;
  return `${kindWords[kind] ?? kind}, ${plural(rows, 'about {0} row', 'about {0} rows')}`;
}

function about(kind: string, estimatedRows: string): string {
  const rows = Number(estimatedRows);
  return estimatedRows === '' || !(rows >= 0) ? kind : `${kind}, about ${rows.toLocaleString('en-US')} rows`;
}

/** Tables, channels and tickets of the connected systems. */
export function systemSources(
  call: CallTool,
  tables: (signal: AbortSignal) => Promise<readonly KnownTable[]>,
): readonly MentionSource[] {
  return [
    { trigger: '@', freshMs: 5 * minute, load: async (signal) => tableMentions(await tables(signal)) },
    {
      trigger: '@',
      freshMs: 2 * minute,
      load: async (signal) => {
        const input = { jql: 'updated >= -30d ORDER BY updated DESC', max_results: 100 };
        return (await rowsOf(call, 'jira__search_jira_issues', input, signal)).rows.map(ticket);
      },
    },
    {
      trigger: '#',
      freshMs: 5 * minute,
      load: async (signal) => (await rowsOf(call, 'slack__list_slack_channels', {}, signal)).rows.map(channel),
    },
  ];
}

function ticket(row: Row): Mention {
  const { key = '', summary = '', status = '', assignee = '' } = row;
  const facts = ['type', 'status', 'priority', 'assignee', 'labels', 'updated', 'summary'];
  return mention(
    { id: `ticket:${key}`, kind: 'ticket', label: key, detail: `${summary} (${status})`, insert: `@${key}` },
    known(
      `Ticket ${key} of Jira`,
      facts.map((name) => (row[name] === '' ? '' : `${name}: ${row[name] ?? ''}`)),
    ),
    `${key} ${summary} ${assignee}`,
  );
}

function channel({ id = '', name = '', members = '', topic = '', private: isPrivate, external }: Row): Mention {
  const traits = [
    ...(isPrivate === 'true' ? ['private'] : []),
    ...(external === 'true' ? ['shared with another company'] : []),
    ...(members === '' ? [] : [`${members} members`]),
  ];
  const shown = [
    ...(isPrivate === 'true' ? [l10n.t('private')] : []),
    ...(external === 'true' ? [l10n.t('shared with another company')] : []),
    ...(members === '' ? [] : [plural(Number(members), '{0} member', '{0} members')]),
  ];
  return mention(
    { id: `channel:${id}`, kind: 'channel', label: `#${name}`, detail: shown.join(', '), insert: `#${name}` },
    known(`Channel #${name} of Slack`, [`id ${id}`, traits.join(', '), topic]),
    name,
  );
}

/** People, whom Jira and Slack find by a part of their name. */
export function peopleSearches(call: CallTool): readonly MentionSearch[] {
  return [
    {
      trigger: '@',
      search: async (query, signal) =>
        (await rowsOf(call, 'slack__find_slack_users', { query }, signal)).rows.map(
          ({ id = '', name = '', handle = '', title = '' }) =>
            person(`slack:${id}`, name, `Slack @${handle}`, ['Slack', `id ${id}`, `handle ${handle}`, title]),
        ),
    },
    {
      trigger: '@',
      search: async (query, signal) =>
        (await rowsOf(call, 'jira__find_jira_users', { query }, signal)).rows.map(
          ({ id = '', name = '', email = '' }) =>
            person(`jira:${id}`, name, email === '' ? 'Jira' : `Jira ${email}`, ['Jira', `account id ${id}`, email]),
        ),
    },
  ];
}

function person(id: string, name: string, detail: string, [system = '', ...facts]: readonly string[]): Mention {
  return mention(
    { id: `person:${id}`, kind: 'person', label: name, detail, insert: `@${name}` },
    known(`${name} in ${system}`, facts),
    `${name} ${detail}`,
  );
}
