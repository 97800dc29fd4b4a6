import type { OfferIo, Offers } from '../kit/offers.ts';
import { ToolError } from '../kit/errors.ts';
import type { CallIo, Database } from './database.ts';
import type { Databases } from './databases.ts';
import { describeTable } from './describe-table.ts';
import { findRelation, listRelations } from './names.ts';
import { describeInWords } from './table-words.ts';

/** Schemas as resources, table names as completions, and prompts that begin with the right schema. */
export const offers: Offers<Databases> = {
  resources: {
    template: {
      uriTemplate: 'postgres://{database}/{schema}/{table}',
      name: 'Table schema',
      description: 'Columns, keys, comments and known values of one table or view',
    },
    list: async (io) => {
      const perDatabase = await Promise.all(
        io.connection.names.map(async (name) => {
          const relations = await listRelations(io.connection.pick(name), toCallIo(io));
          return relations.map((relation) => ({
            uri: `postgres://${[name, relation.schema, relation.name].map(encodeURIComponent).join('/')}`,
            name: `${relation.schema}.${relation.name}`,
          }));
        }),
      );
      return perDatabase.flat();
    },
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
        return `Answer this from the database: ${question}\n\nLook at the tables first where you do not know them (list_tables, get_table_schema). Aggregate in SQL, filter on indexed columns, pass values as params. Say which query gave each figure.${schema}`;
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
    if (argument === 'database') return io.connection.names.filter((name) => name.startsWith(value));
    if (argument !== 'table' && argument !== 'schema') return [];
    const relations = await listRelations(io.connection.pick(given['database']), toCallIo(io));
    const inSchema = relations.filter(({ schema }) => given['schema'] === undefined || schema === given['schema']);
    const names = inSchema.map(({ schema, name }) => {
      if (argument === 'schema') return schema;
      return given['schema'] === undefined ? `${schema}.${name}` : name;
    });
    const wanted = value.toLowerCase();
    return [...new Set(names)].filter(
      (name) =>
        name
          .toLowerCase()
          .split('.')
          .some((part) => part.startsWith(wanted)) || name.toLowerCase().startsWith(wanted),
    );
  },
};

async function describe(database: Database, table: string, io: OfferIo<Databases>): Promise<string> {
  const callIo = toCallIo(io);
  return describeInWords(await describeTable(database, await findRelation(database, table, callIo), callIo));
}

function readUri(uri: string): { database: string; table: string } {
  const match = /^postgres:\/\/([^/]+)\/([^/]+)\/([^/]+)$/.exec(uri);
  const [, database, schema, table] = match ?? [];
  if (database === undefined || schema === undefined || table === undefined)
    throw new ToolError('invalid_arguments', `'${uri}' is not of the form postgres://database/schema/table.`);
  const quoted = [schema, table].map((part) => `"${decodeURIComponent(part).replaceAll('"', '""')}"`);
  return { database: decodeURIComponent(database), table: quoted.join('.') };
}

function toCallIo({ signal }: OfferIo<Databases>): CallIo {
  return { signal, progress: () => undefined };
}
