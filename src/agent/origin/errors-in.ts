import { instantOf } from '../evidence/cell.ts';
import type { Evidence } from '../evidence/types.ts';

/** An error that a row names. */
export interface NamedError {
  /** The cell: a code, a symbol, a message or a stack trace. */
  readonly error: string;
  /** ISO 8601. The earliest time in the rows that name it. */
  readonly firstSeen: string | undefined;
}

const maxLength = 20_000;

const ofErrors = /(?:^|_)(?:error|err|exception|stack|stacktrace|traceback|trace|failure|fault)s?(?:_|$)/iu;
const ofCodes = /(?:^|_)(?:error|err|exception|failure|fault)(?:_(?:code|name|type|class|symbol))?$/iu;
const ofTexts = /(?:^|_)(?:message|msg|detail|details|log|reason)$/iu;

const code = /^[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+$/u;
const symbol = /^(?=[\w.$:-]*[A-Za-z])[\w.$:-]{3,120}$/u;
const errorClass = /\b[A-Z]\w{0,80}(?:Error|Exception|Failure)\b/u;
const frame = /File "[^"\n]{1,300}", line \d|[\w@/\\-]\.[A-Za-z]\w{0,4}:\d/u;

/** The errors in the rows of a result, in their order. Columns decide first: a status in capitals is no error. */
export function errorsIn({ columns, rows }: Pick<Evidence, 'columns' | 'rows'>): readonly NamedError[] {
  const times = timeColumn(columns);
  const found = new Map<string, number | undefined>();
  for (const row of rows) {
    const error = columns.flatMap(({ name }, index) => errorOf(name, row[index]) ?? [])[0];
    if (error === undefined) continue;
    const [before, now] = [found.get(error), instantOf(row[times])];
    found.set(error, before === undefined || (now !== undefined && now < before) ? now : before);
  }
  return [...found].map(([error, time]) => ({
    error,
    firstSeen: time === undefined ? undefined : new Date(time).toISOString(),
  }));
}

function errorOf(column: string, cell: unknown): string | undefined {
  if (typeof cell !== 'string' || instantOf(cell) !== undefined) return undefined;
  const text = cell.trim().slice(0, maxLength);
  const isError =
    errorClass.test(text) || frame.test(text)
      ? ofErrors.test(column) || ofTexts.test(column)
      : (ofErrors.test(column) && code.test(text)) || (ofCodes.test(column) && symbol.test(text));
  return isError ? text : undefined;
}

/** The column that says when it failed, the first time if there is one for that. */
function timeColumn(columns: Evidence['columns']): number {
  const times = columns.flatMap(({ name, type }, index) => (/^timestamp/iu.test(type) ? [{ name, index }] : []));
  for (const pattern of [/first|since|start|min/iu, /fail|occur|creat|error/iu])
    for (const { name, index } of times) if (pattern.test(name)) return index;
  return times[0]?.index ?? -1;
}
