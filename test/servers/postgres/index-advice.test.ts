import type { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { createTestDatabase } from './database.ts';
import { connect } from './fixture.ts';
import { PostgresServer } from './server.ts';

let server: PostgresServer;
let admin: Client;

const tables = `
  create type kind as enum ('page', 'click');
  create table visits (id int primary key, owner_id int not null, "Code" text, kind kind not null, label varchar, at timestamptz, data jsonb);
  insert into visits select n, n % 5000, 'c' || n % 4000, 'page', 'l' || n % 3000, timestamptz '2026-11-01' + n * interval '1 minute', '{}'
    from generate_series(1, 20000) n;
  create table tiny (id int, name text);
  insert into tiny select n, 'n' || n from generate_series(1, 50) n;
  create index visits_owner on visits (owner_id);
  analyze visits; analyze tiny;
  grant select on visits, tiny to public;
`;

beforeAll(async () => {
  const database = await createTestDatabase('shop');
  admin = await connect(database.adminUrl);
  await admin.query(tables);
  server = await PostgresServer.start({ DATABASE_URL: database.readerUrl });
});

afterAll(async () => {
  await server?.close();
  await admin?.end();
});

const answerSchema = z.object({
  steps: z.array(z.record(z.string(), z.unknown())),
  indexes: z.array(z.object({ table: z.string(), statement: z.string(), why: z.string() })).default([]),
});

async function explain(query: string, analyze = true): Promise<z.infer<typeof answerSchema>> {
  const answer = await server.call('explain_query', { query, analyze });
  return answerSchema.parse(answer.structuredContent);
}

describe('an index is advised', () => {
  it.each([
    [`select * from visits where "Code" = 'c17'`, 'CREATE INDEX CONCURRENTLY ON public.visits ("Code");'],
    [
      `select * from visits where label = 'l5' and at > '2026-11-02'`,
      'CREATE INDEX CONCURRENTLY ON public.visits (label, at);',
    ],
    [
      `select count(*) from visits where at >= '2026-11-14' and data = '{}'`,
      'CREATE INDEX CONCURRENTLY ON public.visits (at);',
    ],
  ])('for a selective condition on a large table: %s', async (query, statement) => {
    const { indexes } = await explain(query);
    expect(indexes).toMatchObject([{ table: 'public.visits', statement }]);
    expect(indexes[0]?.why).toMatch(/is read in full \(20000 rows\) for \d+ of its rows, and no index begins with/u);
    // What is advised is a statement that the planner then uses.
    await admin.query('begin');
    await admin.query(statement.replace(' CONCURRENTLY', ''));
    const { rows } = await admin.query<{ 'QUERY PLAN': string }>(`explain ${query}`);
    expect(rows.map((row) => row['QUERY PLAN']).join('\n')).toMatch(/Index (?:Only )?Scan|Bitmap Index/u);
    await admin.query('rollback');
  });

  it('also from estimates, which it says', async () => {
    const { indexes } = await explain(`select * from visits where "Code" = 'c17'`, false);
    expect(indexes[0]?.why).toContain('(about 20000 rows)');
  });

  it.each([
    ['most rows match', `select * from visits where "Code" > 'c1'`],
    ['an alternative needs the other rows', `select * from visits where "Code" = 'c17' or label = 'l5'`],
    ['the column is inside a function', `select * from visits where lower("Code") = 'c17'`],
    ['a cast changes the value', `select * from visits where kind::text = 'click'`],
    ['the text only looks like a condition', `select * from visits where data ->> 'x' = ' AND label = l5'`],
    ['it is compared with another column', `select * from visits where "Code" = label`],
    ['an index begins with the column', `select * from visits where owner_id + 0 = 5 and owner_id < 3 and 1 = 1`],
    ['the table is small', `select * from tiny where name = 'n5'`],
  ])('but not if %s', async (_, query) => {
    expect((await explain(query)).indexes).toEqual([]);
  });
});

it('the steps of a plan have their times, rows and blocks', async () => {
  const { steps } = await explain(`select * from visits where "Code" = 'c17' order by id`);
  expect(steps.at(0)).toMatchObject({ depth: 0, what: 'Sort', condition: 'id', rows: 5, loops: 1 });
  const [scan] = steps.slice(-1);
  expect(scan).toMatchObject({ what: 'Seq Scan on visits', rows: 5, discarded_rows: 19_995 });
  expect(Number(scan?.['hit_blocks'] ?? 0) + Number(scan?.['read_blocks'] ?? 0)).toBeGreaterThan(10);
  const estimated = await explain(`select * from visits where "Code" = 'c17'`, false);
  expect(estimated.steps[0]).not.toHaveProperty('rows');
});
