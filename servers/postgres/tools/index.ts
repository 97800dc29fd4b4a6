import explainQuery from './explain-query.ts';
import getDatabaseHealth from './get-database-health.ts';
import getTableSchema from './get-table-schema.ts';
import listTables from './list-tables.ts';
import queryDatabase from './query-database.ts';

export const tools = [queryDatabase, getTableSchema, listTables, explainQuery, getDatabaseHealth];
