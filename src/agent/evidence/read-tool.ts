import * as z from 'zod';
import { EvidenceLostError, type EvidenceStore } from './store.ts';
import type { Evidence } from './types.ts';
import { renderCsv } from './csv.ts';
import { plainValue } from './cell.ts';
import { countFitting, linesOfRows, linesOfValue, matcherOf } from './lines.ts';
import { numberOf } from './cell.ts';
import { failure, hostSpec, invalidInput, type HostTool } from '../host-tools.ts';
import { columnStatistics } from './statistics.ts';
import type { ToolOutcome } from '../tools.ts';
import { createDelimiter, wrapUntrusted } from '../untrusted-text.ts';

const inputSchema = z.strictObject({
  evidence: z.string().describe('Evidence id: E3.'),
  columns: z.array(z.string()).min(1).optional().describe('Default: all.'),
  where: z
    .array(
      z.strictObject({
        column: z.string(),
        is: z.enum(['equal', 'not_equal', 'contains', 'greater', 'less', 'null', 'not_null']),
        value: z.union([z.string(), z.number(), z.boolean()]).optional(),
      }),
    )
    .max(10)
    .default([]),
  order_by: z.string().optional(),
  descending: z.boolean().default(false),
  pattern: z
    .string()
    .min(1)
    .max(200)
    .optional()
    .describe('Finds lines with this text; a|b finds either. Not a regular expression.'),
  context: z.int().min(0).max(20).default(2).describe('Lines shown around each match.'),
  as_lines: z.boolean().default(false).describe('Lines instead of rows, for cells too long for one answer.'),
  from: z.int().min(0).default(0).describe('First row, line or match, from 0.'),
  rows: z.int().min(1).max(500).default(50).describe('Number of rows, lines or matches.'),
  statistics: z.boolean().default(false).describe('Column statistics instead of rows.'),
});

type Input = z.infer<typeof inputSchema>;

/** Longer answers are cut, and the reader asks for fewer rows or columns. */
const longestAnswer = 24_000;

/** Reads any part of an earlier result without asking the source system again. */
export function createReadEvidenceTool(store: EvidenceStore): HostTool {
  return {
    spec: hostSpec({
      name: 'read_evidence',
      title: 'Read evidence',
      description:
        'Reads part of an earlier result by its id, from memory. Tables: pages of rows, chosen columns, filtered or sorted, or column statistics. Other results: pages of lines, or lines around a pattern. Use it for shortened results.',
      inputSchema: z.toJSONSchema(inputSchema, { io: 'input' }),
    }),
    call: (raw) => {
      const parsed = inputSchema.safeParse(raw);
      if (!parsed.success) return invalidInput(parsed.error);
      const evidence = store.get(parsed.data.evidence);
      if (evidence === undefined) {
        const ids = store.list().map(({ id, tool }) => `${id} (${tool})`);
        return failure(
          'not_found',
          `${parsed.data.evidence} does not exist.`,
          `Evidence so far: ${ids.join(', ') || 'none'}.`,
        );
      }
      try {
        return read(evidence, parsed.data);
      } catch (error) {
        if (error instanceof EvidenceLostError) return failure('not_found', error.message);
        throw error;
      }
    },
  };
}

function read(evidence: Evidence, input: Input): ToolOutcome {
  if (evidence.columns.length === 0) return readText(evidence, input);
  const names = evidence.columns.map(({ name }) => name);
  const wanted = [
    ...(input.columns ?? []),
    ...input.where.map(({ column }) => column),
    input.order_by ?? names[0] ?? '',
  ];
  const unknown = wanted.find((name) => !names.includes(name));
  if (unknown !== undefined)
    return failure(
      'invalid_arguments',
      `${evidence.id} has no column '${unknown}'.`,
      `Its columns: ${names.join(', ')}.`,
    );
  const matching = [...evidence.rows.entries()].filter(([, row]) =>
    input.where.every((test) => passes(row[names.indexOf(test.column)], test)),
  );
  if (input.order_by !== undefined) sortBy(matching, names.indexOf(input.order_by), input.descending);
  const chosen = (input.columns ?? names).map((name) => names.indexOf(name));
  if (input.as_lines || input.pattern !== undefined) {
    const cells = (row: readonly unknown[]) => chosen.map((at) => ({ name: names[at] ?? '', cell: row[at] }));
    return readLines(
      evidence.id,
      linesOfRows(matching.map(([index, row]) => ({ index, cells: cells(row) }))),
      input,
      [],
    );
  }
  const facts = `${evidence.id}: ${matching.length} of ${evidence.rowCount} rows match.`;
  if (input.statistics) {
    const lines = chosen.map((index) =>
      columnStatistics(
        names[index] ?? '',
        matching.map(([, row]) => row[index]),
      ),
    );
    return answer(facts, lines, 'Ask for fewer columns.');
  }
  const page = matching.slice(input.from, input.from + input.rows);
  const [header = '', ...rows] = csvLines(
    chosen.flatMap((index) => evidence.columns[index] ?? []),
    page.map(([, row]) => chosen.map((index) => row[index])),
  );
  const fitting = countFitting(rows, longestAnswer - header.length);
  const last = input.from + Math.max(1, fitting) - 1;
  const shown = page.length === 0 ? 'No rows on this page.' : `Rows ${input.from} to ${last} of these:`;
  const hint =
    fitting === 0 ? 'This row is too long for one answer. Read it with as_lines.' : `Continue with from: ${last + 1}.`;
  return answer(`${facts} ${shown}`, [header, ...rows], hint);
}

function readText(evidence: Evidence, input: Input): ToolOutcome {
  const { id } = evidence;
  const column = input.where.find((test) => !['text', 'line'].includes(test.column))?.column;
  const unusable = [
    ...(column === undefined ? [] : [`it has no column '${column}'`]),
    ...(input.columns === undefined ? [] : ['columns']),
    ...(input.order_by === undefined ? [] : ['order_by']),
    ...(input.statistics ? ['statistics'] : []),
  ];
  if (unusable.length > 0)
    return failure(
      'invalid_arguments',
      `${id} is not a table: ${unusable.join(', ')} cannot be used with it.`,
      "It has lines: read them with from and rows, or find them with pattern, or with where on the column 'text'.",
    );
  return readLines(id, linesOfValue(evidence), input, input.where);
}

function readLines(id: string, lines: readonly string[], input: Input, tests: Input['where']): ToolOutcome {
  const { pattern, from, rows } = input;
  if (pattern === undefined && tests.length === 0) {
    const page = lines.slice(from, from + rows);
    if (page.length === 0)
      return answer(`${id} has ${lines.length} lines, 0 to ${lines.length - 1}: none from ${from} on.`, [], '');
    const last = from + countFitting(page, longestAnswer) - 1;
    return answer(`${id}: lines ${from} to ${last} of ${lines.length}.`, page, `Continue with from: ${last + 1}.`);
  }
  const matches = pattern === undefined ? () => true : matcherOf(pattern);
  const hits = lines.flatMap((line, index) =>
    matches(line) && tests.every((test) => passes(line, test)) ? [index] : [],
  );
  const page = hits.slice(from, from + rows);
  const blocks = blocksAround(page, lines, pattern === undefined ? 0 : input.context);
  const fitting = Math.max(1, countFitting(blocks, longestAnswer));
  const shown =
    page.length === 0
      ? 'No matches on this page.'
      : `Matches ${from} to ${from + fitting - 1}, with their line numbers:`;
  return answer(
    `${id}: ${hits.length} of ${lines.length} lines match. ${shown}`,
    blocks,
    `Continue with from: ${from + fitting}.`,
  );
}

/** One block per match, as grep prints them: `12: the match`, `13- the line after it`. No line appears twice. */
function blocksAround(hits: readonly number[], lines: readonly string[], context: number): readonly string[] {
  let next = 0;
  return hits.map((hit, index) => {
    const first = Math.max(next, hit - context);
    const last = Math.min(lines.length - 1, hit + context, (hits[index + 1] ?? Infinity) - 1);
    const gap = index > 0 && context > 0 && first > next ? ['--'] : [];
    next = last + 1;
    const shown = lines
      .slice(first, last + 1)
      .map((line, at) => `${first + at}${first + at === hit ? ':' : '-'} ${line}`);
    return [...gap, ...shown].join('\n');
  });
}

function csvLines(columns: Evidence['columns'], rows: readonly (readonly unknown[])[]): readonly string[] {
  const line = (part: readonly (readonly unknown[])[]): string => renderCsv(columns, part).replaceAll('\r\n', '\n');
  const header = line([]);
  const withoutEnd = (text: string): string => text.replace(/\n$/, '');
  return [withoutEnd(header), ...rows.map((row) => withoutEnd(line([row]).slice(header.length)))];
}

/** As many parts as fit in an answer. If some are left, the hint says how to get them. */
function answer(facts: string, parts: readonly string[], hint: string): ToolOutcome {
  const fitting = parts.slice(0, Math.max(1, countFitting(parts, longestAnswer)));
  const data = fitting.join('\n');
  const isCut = fitting.length < parts.length || data.length > longestAnswer;
  const cut = data.length > longestAnswer ? `${data.slice(0, longestAnswer)}…` : data;
  const text = parts.length === 0 ? facts : `${facts}\n${wrapUntrusted(cut, createDelimiter())}`;
  return { kind: 'result', text: isCut ? `${text}\nThe rest did not fit. ${hint}` : text, structured: undefined };
}

function passes(cell: unknown, { is, value }: Input['where'][number]): boolean {
  const missing = cell === null || cell === undefined;
  switch (is) {
    case 'null':
      return missing;
    case 'not_null':
      return !missing;
    case 'contains':
      return (
        !missing &&
        plainValue(cell)
          .toLowerCase()
          .includes(String(value ?? '').toLowerCase())
      );
    case 'equal':
      return !missing && plainValue(cell) === String(value);
    case 'not_equal':
      return missing || plainValue(cell) !== String(value);
    case 'greater':
      return !missing && compare(cell, value) > 0;
    case 'less':
      return !missing && compare(cell, value) < 0;
  }
}

/** Numbers by value, everything else by its text; nulls last. */
function compare(a: unknown, b: unknown): number {
  const [first, second] = [numberOf(a), numberOf(b)];
  if (first !== undefined && second !== undefined) return first - second;
  if (a === null || a === undefined) return b === null || b === undefined ? 0 : 1;
  if (b === null || b === undefined) return -1;
  return plainValue(a) < plainValue(b) ? -1 : plainValue(a) > plainValue(b) ? 1 : 0;
}

function sortBy(rows: [number, readonly unknown[]][], index: number, descending: boolean): void {
  rows.sort(([, a], [, b]) => (descending ? compare(b[index], a[index]) : compare(a[index], b[index])));
}
