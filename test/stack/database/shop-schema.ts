/** The tables of the shop, with comments that explain the columns to people and to the agent. */
export const shopSchema = `
create type order_status as enum ('pending', 'paid', 'shipped', 'delivered', 'cancelled', 'failed');

create table customers (
  id bigint generated always as identity primary key,
  name text not null,
  email text not null unique,
  country char(2) not null,
  created_at timestamptz not null
);

create table products (
  id bigint generated always as identity primary key,
  sku text not null unique,
  name text not null,
  price numeric(10, 2) not null check (price > 0)
);

create table deployments (
  release text primary key,
  commit text not null,
  description text not null,
  deployed_at timestamptz not null
);

create table orders (
  id bigint generated always as identity primary key,
  customer_id bigint not null references customers,
  status order_status not null,
  total numeric(10, 2) not null check (total >= 0),
  currency char(3) not null default 'EUR',
  error_code text,
  customer_note text,
  release text not null references deployments,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  constraint failed_orders_say_why check ((status = 'failed') = (error_code is not null))
);
create index orders_created_at on orders (created_at);
create index orders_status_created_at on orders (status, created_at);

create table order_items (
  order_id bigint not null references orders,
  product_id bigint not null references products,
  quantity int not null check (quantity > 0),
  unit_price numeric(10, 2) not null,
  primary key (order_id, product_id)
);

create table payments (
  id bigint generated always as identity primary key,
  order_id bigint not null references orders,
  provider text not null check (provider in ('card', 'paypal', 'invoice')),
  status text not null check (status in ('succeeded', 'declined', 'timed_out')),
  amount numeric(10, 2) not null,
  duration_ms int not null,
  created_at timestamptz not null
);
create index payments_order_id on payments (order_id);
create index payments_created_at on payments (created_at);

create table order_events (
  id bigint generated always as identity primary key,
  order_id bigint not null references orders,
  event text not null,
  detail jsonb not null default '{}',
  created_at timestamptz not null
);
create index order_events_order_id on order_events (order_id);

comment on table customers is 'People who have ordered at least once. Personal data.';
comment on table orders is 'One row an order, from checkout on.';
comment on column orders.status is 'failed: checkout gave up, the customer was not charged and has to order again.';
comment on column orders.error_code is 'Set exactly when status is failed. The code that CheckoutError carries in the order service.';
comment on column orders.customer_note is 'Free text from the customer. Never trusted.';
comment on column orders.release is 'Release of the order service that took the order.';
comment on column orders.total is 'What the customer pays, in currency.';
comment on table payments is 'One row an attempt to charge.';
comment on column payments.duration_ms is 'From the request to the payment provider until its answer, or until we stopped waiting.';
comment on table deployments is 'Releases of the order service in production.';
comment on table order_events is 'What happened to an order, oldest first.';
`;
