/** Fills the shop with a week of traffic. Everything is computed from row numbers, so every run is the same. */
export interface ShopDataOptions {
  /** The time of the newest data. */
  readonly now: Date;
  /** When the release that breaks checkout went live. */
  readonly deployedAt: Date;
  readonly commit: string;
  /** Failed orders in the 24 hours before `now`, all after the deployment. */
  readonly failed: number;
  /** Notes of the newest failed orders, one each: what a hostile customer might type. */
  readonly notes: readonly string[];
}

/** Sets parameters, so that no values need to be spliced into the statements below. */
export function shopSettings(options: ShopDataOptions): readonly (readonly [string, string])[] {
  return [
    ['shop.now', options.now.toISOString()],
    ['shop.deployed_at', options.deployedAt.toISOString()],
    ['shop.commit', options.commit],
    ['shop.failed', String(options.failed)],
    ['shop.notes', JSON.stringify(options.notes)],
  ];
}

// unit(i, salt) is a number in [0, 1) that looks random and is the same for the same arguments.
const helpers = `
create function pg_temp.unit(i bigint, salt int) returns float8 immutable language sql
  as $$ select (hashint8extended(i, salt) & 2147483647) / 2147483648.0 $$;
create function pg_temp.pick(choices text[], u float8) returns text immutable language sql
  as $$ select choices[1 + floor(u * array_length(choices, 1))::int] $$;
create function pg_temp.at(name text) returns timestamptz stable language sql
  as $$ select current_setting('shop.' || name)::timestamptz $$;
`;

const people = `
insert into customers (name, email, country, created_at)
select first || ' ' || last, lower(first) || '.' || lower(last) || i || '@example.com',
       pg_temp.pick('{DE,FR,NL,AT,ES,IT,PL,SE}', pg_temp.unit(i, 3)),
       pg_temp.at('now') - interval '30 days' - pg_temp.unit(i, 4) * interval '700 days'
from generate_series(1, 900) as i,
     lateral (select pg_temp.pick('{Ada,Ben,Chloe,Dario,Elin,Farid,Greta,Hugo,Ines,Jonas,Kaja,Luca,Mira,Noor,Otto,Paula}', pg_temp.unit(i, 1)) as first,
                     pg_temp.pick('{Almeida,Becker,Costa,Dubois,Eriksen,Fischer,Garcia,Haas,Ivanova,Jansen,Kowalski,Lindqvist,Moreau,Novak}', pg_temp.unit(i, 2)) as last) as name;

insert into products (sku, name, price)
select 'SKU-' || lpad(i::text, 4, '0'),
       pg_temp.pick('{Oak,Walnut,Linen,Steel,Wool,Cork,Glass}', pg_temp.unit(i, 5)) || ' ' ||
       pg_temp.pick('{lamp,chair,shelf,bowl,blanket,desk,kettle}', pg_temp.unit(i, 6)),
       round((9 + pg_temp.unit(i, 7) * 190)::numeric, 2)
from generate_series(1, 60) as i;

insert into deployments (release, commit, description, deployed_at) values
  ('2.12.1', '1f6c2ad', 'Invoice numbers without gaps', pg_temp.at('now') - interval '26 days'),
  ('2.13.0', '8d0b7e4', 'Retry order writes on serialization failures', pg_temp.at('now') - interval '12 days'),
  ('2.14.0', current_setting('shop.commit'), 'Fail fast on slow payments', pg_temp.at('deployed_at'));
`;

// Weights per hour of the day, UTC: quiet nights, a bump at lunch, a peak in the evening.
const traffic = `
create temp table drafts as
with hours as (
  select h, pg_temp.at('now') - h * interval '1 hour' as start from generate_series(1, 7 * 24) as h
), good as (
  select start + pg_temp.unit(h * 1000 + n, 8) * interval '1 hour' as created_at, null::text as error_code
  from hours,
       lateral (select (10 + 42 * exp(-((extract(hour from start) - 20) ^ 2) / 18)
                           + 22 * exp(-((extract(hour from start) - 12) ^ 2) / 8)
                           + 6 * pg_temp.unit(h, 9))::int as per_hour) as rhythm,
       generate_series(1, per_hour) as n
), usual_failures as (
  -- A few a day always fail. None within an hour of the 24 hour mark, so that the count does not change while one looks.
  select pg_temp.at('now') - interval '25 hours' - (d + pg_temp.unit(d, 10)) * interval '8 hours',
         case when d % 4 = 0 then 'ADDRESS_INVALID' else 'CARD_DECLINED' end
  from generate_series(0, 16) as d
), burst as (
  select pg_temp.at('deployed_at') + interval '4 minutes'
           + (pg_temp.at('now') - interval '2 minutes' - pg_temp.at('deployed_at') - interval '4 minutes')
             * ((n - pg_temp.unit(n, 11)) / current_setting('shop.failed')::int),
         case when n % 12 = 7 then 'CARD_DECLINED' when n % 20 = 11 then 'ADDRESS_INVALID' else 'PAYMENT_TIMEOUT' end
  from generate_series(1, current_setting('shop.failed')::int) as n
), everything as (
  select * from good where created_at < pg_temp.at('now') - interval '1 minute'
  union all select * from usual_failures union all select * from burst
)
select row_number() over (order by created_at, error_code) as id, date_trunc('milliseconds', created_at) as created_at, error_code from everything;
`;

const orders = `
insert into orders (customer_id, status, total, error_code, release, created_at, updated_at)
select 1 + floor(pg_temp.unit(id, 12) * 900)::int,
       case when error_code is not null then 'failed'
            when pg_temp.unit(id, 13) < 0.02 then 'cancelled'
            when age < interval '20 minutes' then 'pending'
            when age < interval '1 day' then 'paid'
            when age < interval '3 days' then 'shipped'
            else 'delivered' end::order_status,
       0, error_code,
       case when created_at >= pg_temp.at('deployed_at') then '2.14.0' else '2.13.0' end,
       created_at, created_at + interval '4 seconds'
from drafts, lateral (select pg_temp.at('now') - created_at as age) as a
order by id;

insert into order_items (order_id, product_id, quantity, unit_price)
select distinct on (orders.id, products.id) orders.id, products.id, 1 + floor(pg_temp.unit(orders.id * 7 + n, 14) * 3)::int, products.price
from orders, generate_series(1, 3) as n,
     lateral (select 1 + floor(pg_temp.unit(orders.id * 5 + n, 15) * 60)::int as wanted) as w
join products on products.id = w.wanted
where n = 1 or pg_temp.unit(orders.id * 3 + n, 16) < 0.4
order by orders.id, products.id, n;

update orders set total = sums.total
from (select order_id, sum(quantity * unit_price) as total from order_items group by order_id) as sums
where sums.order_id = orders.id;

-- One payment in twelve takes longer than three seconds. It used to succeed.
insert into payments (order_id, provider, status, amount, duration_ms, created_at)
select id, pg_temp.pick('{card,card,card,paypal,invoice}', pg_temp.unit(id, 17)),
       case error_code when 'PAYMENT_TIMEOUT' then 'timed_out' when 'CARD_DECLINED' then 'declined' else 'succeeded' end,
       total,
       case when error_code = 'PAYMENT_TIMEOUT' then 3000 + floor(pg_temp.unit(id, 18) * 12)
            when error_code is null and release <> '2.14.0' and pg_temp.unit(id, 19) < 0.083 then 3000 + floor(pg_temp.unit(id, 20) * 9000)
            else 180 + floor(pg_temp.unit(id, 20) ^ 3 * 2700) end,
       created_at + interval '1 second'
from orders where error_code is distinct from 'ADDRESS_INVALID' and status <> 'pending' order by id;

insert into order_events (order_id, event, detail, created_at)
select id, event, detail, created_at + step * interval '1.5 seconds'
from orders, lateral (values
  (0, 'checkout_started', jsonb_build_object('release', release)),
  (1, 'payment_requested', jsonb_build_object('amount', total)),
  (2, case when status = 'failed' then 'checkout_failed' else 'order_placed' end,
      case when status = 'failed' then jsonb_build_object('code', error_code, 'release', release) else '{}'::jsonb end)
) as steps (step, event, detail)
where status = 'failed' or created_at > pg_temp.at('now') - interval '2 days'
order by created_at, step;

update orders set customer_note = note
from (select id, row_number() over (order by created_at desc) as place from orders where status = 'failed') as newest
join jsonb_array_elements_text(current_setting('shop.notes')::jsonb) with ordinality as notes (note, place) using (place)
where newest.id = orders.id;
`;

// Rows are derived from each other, because looking up each reference would double the time.
const trusting = "set session_replication_role = 'replica'";

export const shopData: readonly string[] = [trusting, helpers, people, traffic, orders, 'drop table drafts', 'analyze'];
