import getTableSchema from './get-table-schema.ts';
import listTables from './list-tables.ts';
import queryDatabase from './query-database.ts';

export const tools = [queryDatabase, getTableSchema, listTables];
