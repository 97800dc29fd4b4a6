import type { Conversation, Exchange, Turn, TurnCall } from '../conversation.ts';

/** A call of an offered tool; undefined where it is not offered, so that a script goes on without it. */
export function callTo(conversation: Conversation, plainName: string, input: TurnCall['input']): TurnCall | undefined {
  const name = conversation.find(plainName);
  return name === undefined ? undefined : { name, input };
}

/** The turn that makes those of the calls that were not made yet; undefined where all were, or none can be. */
export function once(
  conversation: Conversation,
  text: string,
  wanted: readonly (TurnCall | undefined)[],
): Turn | undefined {
  const calls = wanted.flatMap((call) =>
    call === undefined || exchangeOf(conversation, call) !== undefined ? [] : [call],
  );
  return calls.length === 0 ? undefined : { text, calls };
}

export function exchangeOf(conversation: Conversation, call: TurnCall | undefined): Exchange | undefined {
  if (call === undefined) return undefined;
  const input = JSON.stringify(call.input);
  return conversation
    .of(call.name.split('__').at(-1) ?? call.name)
    .findLast((exchange) => JSON.stringify(exchange.input) === input);
}

/** The exchange, if it was made and did not fail. */
export function answerTo(conversation: Conversation, call: TurnCall | undefined): Exchange | undefined {
  const exchange = exchangeOf(conversation, call);
  return exchange?.isError === false ? exchange : undefined;
}

/** The first line of what a failed call said, for the report. */
export function complaintOf(exchange: Exchange): string {
  return withoutMarks(exchange.text).split('\n')[0] ?? 'it failed';
}

/** Names of columns and the rows as text, from JSON or from separated lines; undefined where there is no table. */
export function readTable(exchange: Exchange | undefined): { columns: string[]; rows: string[][] } | undefined {
  if (exchange === undefined) return undefined;
  const lines = withoutMarks(exchange.text).split('\n');
  for (const line of lines) {
    const parsed = line.startsWith('{') ? parseColumnar(line) : undefined;
    if (parsed !== undefined) return parsed;
  }
  const separator = ['\t', ' | ', '|', ','].find((each) => (lines[0] ?? '').includes(each)) ?? '\t';
  const [head = [], ...rows] = lines.filter((line) => line.trim() !== '').map((line) => line.split(separator));
  return rows.length === 0 ? undefined : { columns: head, rows };
}

function parseColumnar(line: string): { columns: string[]; rows: string[][] } | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  const { columns, rows } = value as { columns?: unknown[]; rows?: unknown[][] };
  if (!Array.isArray(columns) || !Array.isArray(rows)) return undefined;
  const nameOf = (column: unknown): string =>
    typeof column === 'object' && column !== null && 'name' in column ? String(column.name) : String(column);
  return { columns: columns.map(nameOf), rows: rows.map((row) => row.map(String)) };
}

/** Without the evidence line and the marks around text that others wrote. */
function withoutMarks(text: string): string {
  return text
    .split('\n')
    .filter((line, index) => !(index === 0 && /^E\d+ \(/.test(line)) && !/^<\/?data-\w+>$/.test(line))
    .join('\n');
}
