import type { Conversation, Exchange, Turn, TurnCall } from '../conversation.ts';

/** A call of an offered tool. Returns undefined if it is not offered, so that a script continues without it. */
export function callTo(conversation: Conversation, plainName: string, input: TurnCall['input']): TurnCall | undefined {
  const name = conversation.find(plainName);
  return name === undefined ? undefined : { name, input };
}

/** The turn that makes the calls not made yet. Returns undefined if there are none, or none is possible. */
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

/** The exchange, if it was made and succeeded. */
export function answerTo(conversation: Conversation, call: TurnCall | undefined): Exchange | undefined {
  const exchange = exchangeOf(conversation, call);
  return exchange?.isError === false ? exchange : undefined;
}

/** The first line of a failed call's message, for the report. */
export function complaintOf(exchange: Exchange): string {
  return withoutMarks(exchange.text).split('\n')[0] ?? 'it failed';
}

/** Parses a table as our servers write it for the model: `name:type` headers, tab-separated cells. Returns undefined if there is none. */
export function readTable(exchange: Exchange | undefined): { columns: string[]; rows: string[][] } | undefined {
  const lines = withoutMarks(exchange?.text ?? '').split('\n');
  const head = lines.findIndex((line) => line.split('\t').every((cell) => /^\w+:\w+$/.test(cell)));
  if (head < 0) return undefined;
  return {
    columns: (lines[head] ?? '').split('\t').map((cell) => cell.split(':')[0] ?? ''),
    rows: lines.slice(head + 1).map((line) => line.split('\t')),
  };
}

/** Removes the evidence line and the marks around untrusted text. */
function withoutMarks(text: string): string {
  return text
    .split('\n')
    .filter((line, index) => !(index === 0 && /^E\d+ \(/.test(line)) && !/^<\/?data-\w+>$/.test(line))
    .join('\n');
}
