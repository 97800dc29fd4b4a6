import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase } from '../database.ts';
import { connect } from '../fixture.ts';
import { PostgresServer } from '../server.ts';

let server: PostgresServer;
let readerUrl: string;

beforeAll(async () => {
  const database = await createTestDatabase('shop');
  const admin = await connect(database.adminUrl);
  await admin.query(`
    create function reveal(int) returns text language sql stable as 'select email from customers where id = $1';
    create view customer_mails as select id, email from customers;
    create view above_mails as select * from customer_mails;
    create view company_mails as select id from customers where email like '%.com';
    create materialized view stored_mails as select email from customers;
    create table people (id int, secret text, born date) partition by list (id);
    create table people_1 partition of people for values in (1);
    insert into people values (1, 'canary-secret', '1990-01-01');
    update customers set email = 'canary-' || email, full_name = 'Someone';
    grant select on all tables in schema public to ${database.reader.user};
    refresh materialized view stored_mails; analyze`);
  await admin.end();
  readerUrl = database.readerUrl;
  server = await PostgresServer.start({
    DATABASE_URL: database.readerUrl,
    DB_MASK_COLUMNS: 'customers.email, public.people.secret, people.born',
  });
});

afterAll(async () => {
  await server?.close();
});

describe('a masked column', () => {
  // Every conceivable way to a value. Some are rejected, and none shows it.
  it.each([
    'select * from customers', 'select email from customers', 'select customers.email from customers', 'select c.email from customers as c',
    'select c.* from customers c', 'select c from customers c', 'select c::text from customers c', 'select customers::text from customers',
    'select row_to_json(c) from customers c', 'select to_jsonb(c) ->> $$email$$ from customers c', 'select json_agg(c) from customers c',
    'select array_agg(email) from customers', 'select string_agg(email, $$,$$) from customers', 'select max(email), min(email) from customers',
    'select e from customers c (a, e)', 'select x.e from (select email as e from customers) x', 'with c as (select * from customers) select * from c',
    'select o.id, c.email from orders o join customers c on c.id = o.customer_id', 'select * from orders o join customers c on c.id = o.customer_id',
    'select upper(email) from customers', 'select substr(email, 1, 3) || $$x$$ from customers', 'select md5(email) from customers', 'select ascii(email) from customers',
    'select (select email from customers limit 1)', 'select exists (select from customers where email like $$canary%$$) as found',
    'select count(*) filter (where email like $$canary%$$) as found from customers', 'select 1 / position($$canary$$ in email) from customers',
    'select email::int from customers', 'select cast(email as date) from customers', 'select * from customers order by email limit 1',
    'select distinct email from customers', 'select email from customers group by email', 'table customers', 'select * from only customers', 'select * from customers *',
    'select email from public.customers', 'select public.customers.email from public.customers', 'select "email" from "customers"', 'select email from Customers',
    'select U&"em\\0061il" from customers', 'select email from /* c */ customers', 'select * from customers tablesample bernoulli (100)',
    'select * from customer_mails', 'select * from above_mails', 'select * from stored_mails', 'select * from failed_orders',
    'select reveal(1)', 'select * from reveal(1)', "select query_to_xml('select email from customers', true, false, '')", "select table_to_xml('customers', true, false, '')",
    "select most_common_vals, histogram_bounds from pg_stats where tablename = 'customers'", 'select * from pg_statistic', 'select * from pg_catalog.pg_stats',
    'select * from people', 'select * from people_1', 'select secret from people_1', 'select p::text from people p', 'select * from only people',
    'with customers as (select * from customers) select * from customers', 'select * from (customers join orders on true) limit 1',
    'select c1.email, c2.email from customers c1, customers c2 limit 1', 'select * from customers natural join customers c2 limit 1',
    'select lag(email) over (order by id) from customers', 'select first_value(c) over () from customers c', 'select unnest(array[email]) from customers',
    'select * from customers c, lateral (select c.email) x', 'select xmlelement(name a, email) from customers', 'select json_object(email: 1) from customers',
    'select email union select email from customers', 'select 1 union select id from customers where email like $$canary%$$ and id = 1000',
    'explain (analyze, verbose) select * from customers where email like $$canary%$$', 'select hashtext(email), email = $$x$$ from customers',
    'select pg_column_size(email), length(email) from customers limit 1', 'select email similar to $$canary%$$ from customers limit 1',
  ])('%s', async (query) => {
    const answer = await server.call('query_database', { query });
    const shown = JSON.stringify(answer);
    expect(shown).not.toContain('@example.com');
    expect(shown).not.toContain('canary-secret');
    expect(shown).not.toContain('1990-01');
    expect(shown).not.toMatch(/"rows":\[\[true\]\]/);
    if (query.includes('as found')) expect(shown).toMatch(/"rows":\[\[(false|0)\]\]/);
  }); // prettier-ignore

  it('is marked as masked, and the rest of the row is shown', async () => {
    const answer = await server.query('select id, email, full_name from customers order by id limit 1');
    expect(answer.rows).toEqual([[1, '[masked]', 'Someone']]);
    expect(answer.masked).toEqual(['customers.email']);
    expect(answer.text).toContain('masked, in conditions too: customers.email');
    expect((await server.query('select * from people')).rows).toEqual([[1, '[masked]', null]]);
  });

  it('is counted correctly', async () => {
    expect((await server.query('select count(email), count(*) from customers')).rows).toEqual([[60, 60]]);
  });

  it('is rejected with a way out if it cannot be replaced', async () => {
    expect(await server.refusal('select * from company_mails')).toMatchObject({
      code: 'refused_by_guard',
      details: { rule: 'masked-columns' },
    });
    expect((await server.refusal('select ctid, * from customers natural join orders')).hint).toBe(
      'Write SELECT with column names FROM customers.',
    );
  });

  it('does not affect other tables', async () => {
    const answer = await server.query('select * from orders limit 1');
    expect(answer.masked).toBeUndefined();
  });

  it('reveals no values in the schema or in plans', async () => {
    const schema = await server.call('get_table_schema', { table_name: 'customers' });
    expect(schema.content[0]?.text).toMatch(/email text.* masked/);
    const plan = await server.call('explain_query', {
      query: "select * from customers where email = 'x'",
      analyze: true,
    });
    expect(JSON.stringify(plan)).not.toContain('@example.com');
  });

  it('that does not exist stops everything, because it would mask nothing', async () => {
    const mistyped = await PostgresServer.start({ DATABASE_URL: readerUrl, DB_MASK_COLUMNS: 'customers.emial' });
    const failure = await mistyped.refusal('select 1');
    await mistyped.close();
    expect(failure).toMatchObject({ code: 'not_configured' });
    expect(failure.message).toContain('customers.emial');
  });
});
