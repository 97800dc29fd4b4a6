import type { Conversation, Script, Turn, TurnCall } from '../conversation.ts';
import { answerTo, callTo, complaintOf, exchangeOf, once, readTable } from './script-kit.ts';

/**
 * Answers a question in the chat: finds the table it names, reads its columns, and counts rows: with the status named,
 * in the last day, by hour, day or reason, if the question says so.
 */
export const answerQuestion: Script = (conversation) => {
  const tables = callTo(conversation, 'list_tables', {});
  const listed = once(conversation, 'I am a stand-in for Claude, a script. I look at what there is.', [tables]);
  if (listed !== undefined) return listed;
  const table = tableAskedFor(conversation, answerTo(conversation, tables)?.text ?? '');
  if (table === undefined) return { text: whatIsOffered(conversation) };
  const schema = callTo(conversation, 'get_table_schema', { table_name: table });
  const read = once(conversation, `You ask about ${table}.`, [schema]);
  if (read !== undefined) return read;
  const query = count(conversation, table, answerTo(conversation, schema)?.text ?? '');
  return once(conversation, 'I count.', [query]) ?? answer(conversation, query);
};

function tableAskedFor({ prompt }: Conversation, tables: string): string | undefined {
  const words = prompt.toLowerCase().match(/[a-z_]{4,}/g) ?? [];
  const names = tables.split('\n').flatMap((line) => line.split('\t')[1] ?? []);
  return words.find((word) => names.includes(word));
}

function count(conversation: Conversation, table: string, schema: string): TurnCall | undefined {
  const asked = conversation.prompt.toLowerCase();
  const time = /^\s+(\w+) timestamp/m.exec(schema)?.[1];
  const [, column, value] = statusNamed(asked, schema) ?? [];
  const conditions = [
    column === undefined ? undefined : `${column} = '${value}'`,
    time !== undefined && /\btoday|last day|24 hours/.test(asked)
      ? `${time} >= now() - interval '24 hours'`
      : undefined,
  ].filter((condition) => condition !== undefined);
  const where = conditions.length === 0 ? '' : `\nWHERE ${conditions.join(' AND ')}`;
  const group = groupAskedFor(asked, time, schema);
  const query =
    group === undefined
      ? `SELECT count(*) AS ${table}\nFROM ${table}${where}`
      : `SELECT ${group.expression} AS ${group.name}, count(*) AS ${table}\nFROM ${table}${where}\nGROUP BY 1 ORDER BY ${group.order}`;
  return callTo(conversation, 'query_database', { query });
}

/** A column and its possible values, one of which the question names. */
function statusNamed(asked: string, schema: string): readonly string[] | undefined {
  for (const [, column = '', values = ''] of schema.matchAll(/^\s+(\w+) [^\n]*? values: ((?:"[^"]*"(?:, )?)+)/gm)) {
    // "Why did orders fail?" means those that failed.
    const isNamed = (each: string): boolean => each !== '' && asked.includes(each.replace(/ed$/, ''));
    const value = [...values.matchAll(/"([^"]*)"/g)].map((each) => each[1] ?? '').find(isNamed);
    if (value !== undefined) return ['', column, value];
  }
  return undefined;
}

function groupAskedFor(asked: string, time: string | undefined, schema: string) {
  const unit = /\b(?:by|per|each) (hour|day)/.exec(asked)?.[1];
  if (unit !== undefined && time !== undefined)
    return { name: unit, expression: `date_trunc('${unit}', ${time})`, order: '1' };
  if (/\bwhy|reason|error code/.test(asked) && schema.includes('error_code'))
    return { name: 'error_code', expression: 'error_code', order: '2 DESC' };
  return undefined;
}

function whatIsOffered({ tools }: Conversation): string {
  return `I am a stand-in for Claude, a script: I can run *Investigate Failed Orders*, file a bug from a selection, and count the rows of a table that you name. I am offered ${tools.length} tools.`;
}

function answer(conversation: Conversation, query: TurnCall | undefined): Turn {
  const exchange = exchangeOf(conversation, query);
  if (exchange === undefined) return { text: 'The database is not connected.' };
  if (exchange.isError) return { text: `I could not count: ${complaintOf(exchange)}` };
  const { rows = [] } = readTable(exchange) ?? {};
  const [first] = rows;
  const found = first?.length === 1 ? `There are **${first[0]}**.` : `These are ${rows.length} groups.`;
  return { text: `${found} The count is in ${exchange.evidence}. (From the stand-in for Claude.)` };
}
