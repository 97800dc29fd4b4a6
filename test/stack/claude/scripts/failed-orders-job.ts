import type { Conversation, TurnCall } from '../conversation.ts';
import { answerTo, callTo } from './script-kit.ts';

/** What the runbook asks for, parsed from its text. */
export interface Job {
  readonly table: string;
  readonly status: string;
  readonly statusColumn: string;
  readonly timeColumn: string;
  readonly hours: number;
  readonly project: string;
  readonly issueType: string;
  readonly priority: string;
  readonly channel: string;
  /** Evidence for the count. */
  readonly counted: string;
}

const errorColumns = ['error_code', 'failure_code', 'failure_reason', 'error', 'error_message', 'reason'];

export function readJob({ prompt }: Conversation): Job {
  const find = (pattern: RegExp, otherwise: string): string => pattern.exec(prompt)?.[1] ?? otherwise;
  return {
    table: find(/rows of\s+`([^`]+)`/, 'orders'),
    statusColumn: find(/with `([^`]+)` =/, 'status'),
    status: find(/with `[^`]+` = '([^']*)'/, 'failed'),
    timeColumn: find(/ and `([^`]+)` in that window/, 'created_at'),
    hours: Number(find(/in the last (\d+) hours/, '24')),
    project: find(/create_jira_ticket: project ([A-Z][A-Z0-9_]*)/, 'ENG'),
    issueType: find(/create_jira_ticket: project \S+, type ([^,]+), priority/, 'Bug'),
    priority: find(/, priority (\w+)\./, 'High'),
    channel: find(/message to (\S+) with\s+post_slack_message/, '#operations'),
    counted: find(/failed_count:\s+(E\d+)\b/, 'E1'),
  };
}

/** The reads of the investigation. Each is undefined until its tool is offered and its inputs are known. */
export interface Reads {
  readonly schema: TurnCall | undefined;
  readonly tables: TurnCall | undefined;
  readonly byCode: TurnCall | undefined;
  readonly byHour: TurnCall | undefined;
  readonly byRelease: TurnCall | undefined;
  readonly paymentSchema: TurnCall | undefined;
  readonly payments: TurnCall | undefined;
}

export function planReads(conversation: Conversation, job: Job): Reads {
  const schema = callTo(conversation, 'get_table_schema', { table_name: job.table });
  const tables = callTo(conversation, 'list_tables', {});
  const columns = answerTo(conversation, schema)?.text ?? '';
  const has = (name: string): boolean => new RegExp(`\\b${name}\\b`).test(columns);
  const failed = `${job.statusColumn} = $1 AND ${job.timeColumn} >= now() - make_interval(hours => $2)`;
  const query = (sql: string): TurnCall | undefined =>
    columns === ''
      ? undefined
      : callTo(conversation, 'query_database', { query: sql, params: [job.status, job.hours] });

  const code = errorColumns.find(has);
  const customers = has('customer_id') ? ', count(DISTINCT customer_id) AS customers' : '';
  const minute = `'YYYY-MM-DD HH24:MI TZ'`;
  const span = `to_char(min(${job.timeColumn}), ${minute}) AS first_failure, to_char(max(${job.timeColumn}), ${minute}) AS last_failure`;
  const paymentSchema = /\bpayments\b/.test(answerTo(conversation, tables)?.text ?? '')
    ? callTo(conversation, 'get_table_schema', { table_name: 'payments' })
    : undefined;
  const timed = /\bduration_ms\b/.test(answerTo(conversation, paymentSchema)?.text ?? '');
  return {
    schema,
    tables,
    byCode:
      code === undefined
        ? undefined
        : query(
            `SELECT ${code}, count(*) AS failed_orders${customers}, ${span}\nFROM ${job.table} WHERE ${failed}\nGROUP BY 1 ORDER BY 2 DESC`,
          ),
    byHour: query(
      `SELECT to_char(date_trunc('hour', ${job.timeColumn}), ${minute}) AS hour, count(*) AS failed_orders\nFROM ${job.table} WHERE ${failed}\nGROUP BY 1 ORDER BY 1`,
    ),
    byRelease: has('release')
      ? query(
          `SELECT release, count(*) AS orders, count(*) FILTER (WHERE ${job.statusColumn} = $1) AS failed_orders,\n  round(100.0 * count(*) FILTER (WHERE ${job.statusColumn} = $1) / count(*), 1) AS failed_percent\nFROM ${job.table} WHERE ${job.timeColumn} >= now() - 3 * make_interval(hours => $2)\nGROUP BY 1 ORDER BY 1`,
        )
      : undefined,
    paymentSchema,
    payments:
      timed && has('release')
        ? callTo(conversation, 'query_database', {
            query: `SELECT ${job.table}.release, payments.status, count(*) AS payments, max(payments.duration_ms) AS longest_ms,\n  count(*) FILTER (WHERE payments.duration_ms >= 3000) AS over_3_seconds\nFROM payments JOIN ${job.table} ON ${job.table}.id = payments.order_id\nGROUP BY 1, 2 ORDER BY 1, 2`,
          })
        : undefined,
  };
}
