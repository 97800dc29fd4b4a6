import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Script, TurnCall } from '../stack/claude/conversation.ts';
import { callTo, exchangeOf, once } from '../stack/claude/scripts/script-kit.ts';
import { startStack, type Stack } from '../stack/stack.ts';
import { endOf, runCli, superuser, until, type Run } from './harness.ts';

let stack: Stack;

beforeAll(async () => {
  stack = await startStack({ failed: 6 });
  const client = await superuser(stack);
  await client.query(`
    update orders set status = 'paid', updated_at = now() - interval '3 days' where status = 'pending';
    update orders set status = 'pending', updated_at = now() - interval '9 hours'
      where id in (select id from orders where status = 'delivered' order by id limit 4);
    create table visits (id int primary key, kind text, created_at timestamptz);
    insert into visits select i, 'old', now() - interval '30 hours' from generate_series(1, 10) as i;
    insert into visits select i, 'robot', now() - interval '2 hours' from generate_series(11, 41) as i;
    grant select on visits to ${stack.database.reader.user}`);
  // A new database has no problems.
  await client.query('vacuum analyze');
  await client.end();
});

afterAll(() => stack?.stop());

interface Sent {
  readonly tickets: number;
  readonly messages: number;
}

let before: Sent = { tickets: 0, messages: 0 };
const sent = (): Sent => ({
  tickets: stack.jira.issues().length,
  messages: stack.slack.messages('#operations').length,
});

beforeEach(() => {
  before = sent();
});

/** Makes the calls in turn, each based on the previous result, and then says that it is done. */
function inTurn(
  steps: readonly ((evidenceOf: (call: TurnCall | undefined) => string) => [string, TurnCall['input']])[],
): Script {
  return (conversation) => {
    const made: (TurnCall | undefined)[] = [];
    for (const step of steps) {
      const [tool, input] = step((call) => exchangeOf(conversation, call ?? made.at(-1))?.evidence ?? 'E0');
      const call = callTo(conversation, tool, input);
      const turn = once(conversation, 'Next.', [call]);
      if (turn !== undefined) return turn;
      made.push(call);
    }
    return { text: 'Done.' };
  };
}

function outcome(run: Run) {
  const { tickets, messages } = sent();
  return {
    code: run.code,
    reason: endOf(run).reason,
    tickets: tickets - before.tickets,
    messages: messages - before.messages,
  };
}

const start = (name: string, ...more: string[]): Promise<Run> =>
  runCli(stack, ['run', name, '--accept-grants', '--output', 'json', ...more]);

describe('stuck-orders', () => {
  test('above the threshold: one ticket, one message, with the count from the measure', async () => {
    stack.claude?.play(
      inTurn([
        () => ['get_table_schema', { table_name: 'orders' }],
        () => [
          'query_database',
          { query: "SELECT release, count(*) AS waiting FROM orders WHERE status = 'pending' GROUP BY 1" },
        ],
        (evidenceOf) => [
          'create_jira_ticket',
          {
            project_key: 'ENG',
            issue_type: 'Bug',
            priority: 'High',
            summary: '{{E1[0].stuck}} orders are stuck',
            description: `They have been pending for more than 6 hours.\n\n{{${evidenceOf(undefined)}}}`,
          },
        ],
        (evidenceOf) => [
          'post_slack_message',
          { channel: '#operations', text: `{{E1[0].stuck}} orders are stuck: {{${evidenceOf(undefined)}.issue_url}}` },
        ],
      ]),
    );
    expect(outcome(await start('stuck-orders'))).toEqual({ code: 0, reason: 'completed', tickets: 1, messages: 1 });
    expect(stack.jira.issues().at(-1)?.fields['summary']).toBe('4 orders are stuck');
    expect(JSON.stringify(stack.slack.messages('#operations').at(-1))).toContain('4 orders are stuck: ');
  });

  test('at the threshold: nothing, and the model is not asked', async () => {
    const asked = stack.claude?.requests().length;
    const run = await start('stuck-orders', '--param', 'threshold=4');
    expect(outcome(run)).toEqual({ code: 0, reason: 'completed', tickets: 0, messages: 0 });
    expect(endOf(run).message).toMatch(
      /4 orders of orders have been 'pending' for more than 6 hours, .* not more than 4/,
    );
    expect(stack.claude?.requests().length).toBe(asked);
  });
});

describe('table-growth', () => {
  const post = inTurn([
    () => ['query_database', { query: 'SELECT kind, count(*) AS visits FROM visits GROUP BY 1 ORDER BY 2 DESC' }],
    () => [
      'post_slack_message',
      {
        channel: '#operations',
        text: 'visits took {{E1[0].recent_rows}} rows in a day, {{E1[0].earlier_rows}} the day before: robots.',
      },
    ],
  ]);

  test('three times as many rows: one message and no ticket', async () => {
    stack.claude?.play(post);
    const run = await start('table-growth', '--param', 'table=visits');
    expect(outcome(run)).toEqual({ code: 0, reason: 'completed', tickets: 0, messages: 1 });
    expect(JSON.stringify(stack.slack.messages('#operations').at(-1))).toContain('visits took 31 rows in a day, 10');
  });

  test('less growth than the threshold: nothing', async () => {
    stack.claude?.play(post);
    const run = await start('table-growth', '--param', 'table=visits', '--param', 'factor=3.2');
    expect(outcome(run)).toEqual({ code: 0, reason: 'completed', tickets: 0, messages: 0 });
    expect(endOf(run).message).toContain('less than 3.2 times as many');
  });
});

describe('slow-queries', () => {
  const post = inTurn([
    () => ['get_table_schema', { table_name: 'orders' }],
    () => ['post_slack_message', { channel: '#operations', text: 'The database wants a look: {{E1.findings[0]}}.' }],
  ]);

  test('a session that waits for a lock is reported', async () => {
    const [holder, waiter] = [await superuser(stack), await superuser(stack)];
    await holder.query('begin; lock table visits in access exclusive mode');
    const waiting = waiter.query('select count(*) from visits');
    await until('the lock to be waited for', async () => {
      const { rows } = await holder.query("select 1 from pg_stat_activity where wait_event_type = 'Lock'");
      return rows.length > 0 ? true : undefined;
    });
    stack.claude?.play(post);
    const run = await start('slow-queries');
    await holder.query('rollback');
    await waiting;
    await Promise.all([holder.end(), waiter.end()]);
    expect(outcome(run)).toEqual({ code: 0, reason: 'completed', tickets: 0, messages: 1 });
    expect(JSON.stringify(stack.slack.messages('#operations').at(-1))).toMatch(/wants a look: .*wait/);
  });

  test('nothing unusual: nothing is posted, and the model is not asked', async () => {
    const asked = stack.claude?.requests().length;
    const run = await start('slow-queries');
    expect(stack.claude?.requests().length).toBe(asked);
    expect(outcome(run)).toEqual({ code: 0, reason: 'completed', tickets: 0, messages: 0 });
  });
});
