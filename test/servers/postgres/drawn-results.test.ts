import { afterAll, beforeAll, expect, it } from 'vitest';
import { readDetail } from '../../../src/chat/evidence-details.ts';
import { readForeignKey, readReference } from '../../../src/webview/details/foreign-key.ts';
import { createTestDatabase } from './database.ts';
import { PostgresServer } from './server.ts';

let server: PostgresServer;

beforeAll(async () => {
  server = await PostgresServer.start({ DATABASE_URL: (await createTestDatabase('shop')).readerUrl });
});

afterAll(() => server?.close());

async function drawn(tool: string, input: Record<string, unknown>): Promise<ReturnType<typeof readDetail>> {
  const { structuredContent: value } = await server.call(tool, input);
  return readDetail({ server: 'postgres', tool, value });
}

it('plans, schemas and health can be drawn from what the server returns', async () => {
  const query = 'select * from orders o join customers c on c.id = o.customer_id';
  expect(await drawn('explain_query', { query, analyze: true })).toMatchObject({ kind: 'plan' });
  expect(await drawn('get_database_health', {})).toMatchObject({ kind: 'health' });
});

it('the keys of a schema lead to tables that the server finds', async () => {
  const shown = await drawn('get_table_schema', { table_name: 'orders' });
  if (shown?.kind !== 'table') throw new Error('no schema was drawn');
  const { foreign_keys: keys, referenced_by: references } = shown.table;
  const tables = [
    ...keys.map((text) => readForeignKey(text)?.table),
    ...references.map((text) => readReference(text)?.table),
  ];
  expect(tables).toContain('customers');
  for (const table_name of tables) {
    if (table_name === undefined) throw new Error(`not understood: ${JSON.stringify([keys, references])}`);
    expect(await drawn('get_table_schema', { table_name })).toMatchObject({ kind: 'table' });
  }
});
