import { l10n } from 'vscode';
import { rowsOf, type CallTool, type KnownTable } from './system-mentions.ts';
import { textLanguage } from '../plural.ts';

export const maxQuestions = 3;
/** Counting a larger table could take longer than a question is worth. */
const maxEstimatedRows = 2_000_000;
const maxTables = 4;

const failureName = /(?:^|_)(?:error|failure|fail|exception|reason)(?:_?(?:code|type|kind|class))?$/iu;
const timeName =
  /^(?:created|inserted|occurred|logged|received|started|recorded|happened)(?:_at|_on|_time)?$|^(?:timestamp|ts|at|time)$/iu;

/** A table in which things happen over time. */
interface Lively {
  readonly table: KnownTable;
  readonly time: string;
  readonly failure: string | undefined;
  readonly state: string | undefined;
}

/** Questions about what the tables really saw in the last hour, most pressing first. Asks the database, not a model. */
export async function firstQuestions(
  tables: readonly KnownTable[],
  call: CallTool,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const lively = livelyOf(tables);
  const asked = await Promise.all(lively.map(async (each) => questionsOn(each, call, signal)));
  const failures = asked.flatMap(({ failure }) => failure ?? []);
  const others = asked.flatMap(({ other }) => other ?? []);
  return [...failures, ...others].slice(0, maxQuestions);
}

/** Those with a known error first, then the largest. */
export function livelyOf(tables: readonly KnownTable[]): readonly Lively[] {
  return tables
    .flatMap((table): Lively[] => {
      const rows = Number(table.estimatedRows);
      const time = table.columns.find(({ name, type }) => timeName.test(name) && type.startsWith('timestamp'))?.name;
      if (time === undefined || !(rows >= 0) || rows > maxEstimatedRows) return [];
      const failure = table.columns.find(({ name }) => failureName.test(name))?.name;
      const state = table.columns.find(({ name }) => /(?:^|_)(?:status|state)$/iu.test(name))?.name;
      return [{ table, time, failure, state }];
    })
    .toSorted((a, b) => weightOf(b) - weightOf(a))
    .slice(0, maxTables);
}

function weightOf({ table, failure, state }: Lively): number {
  const meaning = (failure === undefined ? 0 : 2) + (state === undefined ? 0 : 1);
  return meaning * maxEstimatedRows * 2 + Number(table.estimatedRows);
}

interface Questions {
  readonly failure?: string;
  readonly other?: string;
}

async function questionsOn(
  { table, time, failure, state }: Lively,
  call: CallTool,
  signal: AbortSignal,
): Promise<Questions> {
  const name = table.schema === 'public' ? table.table : `${table.schema}.${table.table}`;
  const from = `from ${quote(table.schema)}.${quote(table.table)} where ${quote(time)} > now() - interval '1 hour'`;
  const column = failure ?? state;
  const query =
    column === undefined
      ? `select null as value, count(*) as rows ${from}`
      : `select ${quote(column)}::text as value, count(*) as rows ${from} group by 1 order by 2 desc limit 20`;
  try {
    const { rows } = await rowsOf(call, 'postgres__query_database', { query }, signal);
    const total = rows.reduce((sum, row) => sum + Number(row['rows']), 0);
    const worst = failure === undefined ? undefined : rows.find((row) => isCode(row['value'] ?? ''));
    const other =
      total === 0
        ? l10n.t('When was the last row written to @{0}, and is that usual?', name)
        : state === undefined
          ? l10n.t(
              '{0} new in @{1} in the last hour: how does that compare with the hours before?',
              countOf(total),
              name,
            )
          : l10n.t(
              '{0} new in @{1} in the last hour: how does that compare with the hours before, by {2}?',
              countOf(total),
              name,
              state,
            );
    return {
      other,
      ...(worst !== undefined && {
        failure: l10n.t(
          'Why do {0} of @{1} have {2} in the last hour?',
          countOf(Number(worst['rows'])),
          name,
          worst['value'] ?? '',
        ),
      }),
    };
  } catch {
    return {}; // too slow, or not readable after all: there are other questions
  }
}

/** A value that may stand in a question: a code of the system, not a text of somebody. */
function isCode(value: string): boolean {
  return /^[A-Za-z0-9_.:-]{2,60}$/u.test(value);
}

export function quote(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

export function countOf(value: number): string {
  return value.toLocaleString(textLanguage());
}
