import type { OfferIo, Offers, ResourcePage } from '../kit/resources-and-prompts.ts';
import { ToolError } from '../kit/errors.ts';
import { completeSchemas, completeTables } from './schema/complete-names.ts';
import type { CallIo } from './connection/session-lender.ts';
import type { Database } from './database.ts';
import type { Databases } from './databases.ts';
import { describeTable } from './schema/describe-table.ts';
import { labelOf } from './identifiers.ts';
import { listRelations, readMark, writeMark } from './schema/list-relations.ts';
import { findRelation } from './schema/find-relation.ts';
import { describeInWords } from './schema/table-text.ts';

const maxResources = 150;

/** Schemas as resources, table names as completions, and prompts that include the right schema. */
export const offers: Offers<Databases> = {
  resources: {
    template: {
      uriTemplate: 'postgres://{database}/{schema}/{table}',
      name: 'Table schema',
      description: 'Columns, keys, comments and known values of one table or view',
    },
    list: (cursor, io) => listResources(cursor, io),
    read: async (uri, io) => {
      const { database, table } = readUri(uri);
      return { mimeType: 'text/plain', text: await describe(io.connection.pick(database), table, io) };
    },
  },
  prompts: [
    {
      name: 'write_query',
      title: 'Write a query',
      description: 'Answer a question about the data with one well-aimed query',
      arguments: [
        { name: 'question', description: 'What you want to know', required: true },
        { name: 'table', description: 'The main table, if you know it', required: false },
      ],
      write: async ({ question = '', table = '' }, io) => {
        const schema =
          table === '' ? '' : `\n\nThe table:\n${await describe(io.connection.pick(undefined), table, io)}`;
        return `Answer this from the database: ${question}\n\nLook at unfamiliar tables first (list_tables, get_table_schema). Aggregate in SQL, filter on indexed columns, pass values as params. Say which query gave each figure.${schema}`;
      },
    },
    {
      name: 'speed_up_query',
      title: 'Speed up a query',
      description: 'Find out why a query is slow and what would help',
      arguments: [{ name: 'query', description: 'The SELECT', required: true }],
      write: async ({ query = '' }) =>
        `Find out why this query is slow. Look at its plan with explain_query (analyze only if it is safe to run), at the tables and indexes it uses, and at get_database_health for locks. Propose a rewrite or the exact CREATE INDEX, for a person to run, and say what each would change.\n\n${query}`,
    },
  ],
  complete: async ({ argument, value, given }, io) => {
    if (argument === 'database') {
      const values = io.connection.names.filter((name) => name.startsWith(value));
      return { values, total: values.length };
    }
    if (argument !== 'table' && argument !== 'schema') return { values: [], total: 0 };
    const database = io.connection.pick(given['database']);
    return argument === 'schema'
      ? completeSchemas(database, value, toCallIo(io))
      : completeTables(database, value, given['schema'], toCallIo(io));
  },
};

/** Goes through the databases until the page is full. */
async function listResources(cursor: string | undefined, io: OfferIo<Databases>): Promise<ResourcePage> {
  const { names } = io.connection;
  const [first = names[0] ?? '', schema = '', table = ''] = cursor === undefined ? [] : readMark(cursor, 3);
  const resources: ResourcePage['resources'][number][] = [];
  for (const name of names.slice(Math.max(0, names.indexOf(first)))) {
    const after = name === first && schema !== '' ? { schema, name: table } : undefined;
    const room = maxResources - resources.length;
    const page = await listRelations(io.connection.pick(name), { after }, room, toCallIo(io));
    for (const relation of page.relations)
      resources.push({
        uri: `postgres://${[name, relation.schema, relation.name].map(encodeURIComponent).join('/')}`,
        name: labelOf(relation.schema, relation.name),
      });
    const last = page.relations.at(-1);
    if (last !== undefined && page.remaining > page.relations.length)
      return { resources, nextCursor: writeMark(name, last.schema, last.name) };
    const following = names[names.indexOf(name) + 1];
    if (resources.length >= maxResources && following !== undefined)
      return { resources, nextCursor: writeMark(following, '', '') };
  }
  return { resources };
}

async function describe(database: Database, table: string, io: OfferIo<Databases>): Promise<string> {
  const callIo = toCallIo(io);
  return describeInWords(await describeTable(database, await findRelation(database, table, callIo), callIo));
}

function readUri(uri: string): { database: string; table: string } {
  const match = /^postgres:\/\/([^/]+)\/([^/]+)\/([^/]+)$/.exec(uri);
  const [, database, schema, table] = match ?? [];
  if (database === undefined || schema === undefined || table === undefined)
    throw new ToolError('invalid_arguments', `'${uri}' must have the form postgres://database/schema/table.`);
  const quoted = [schema, table].map((part) => `"${decodeURIComponent(part).replaceAll('"', '""')}"`);
  return { database: decodeURIComponent(database), table: quoted.join('.') };
}

function toCallIo({ signal }: OfferIo<Databases>): CallIo {
  return { signal, progress: () => undefined };
}
