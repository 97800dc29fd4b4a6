import * as z from 'zod';
import { EvidenceLostError, type Evidence, type EvidenceStore } from './evidence.ts';
import { plainValue, renderCsv } from './evidence-render.ts';
import { numberOf } from './held-values.ts';
import { failure, hostSpec, invalidInput, type HostTool } from './host-tools.ts';
import { columnStatistics } from './statistics.ts';
import type { ToolOutcome } from './tools.ts';
import { createDelimiter, wrapUntrusted } from './untrusted.ts';

const inputSchema = z.strictObject({
  evidence: z.string().describe('Id: E3.'),
  columns: z.array(z.string()).min(1).optional().describe('All unless given.'),
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
  from: z.int().min(0).default(0).describe('First row, or first line of what is no table; from 0.'),
  rows: z.int().min(1).max(500).default(50),
  statistics: z.boolean().default(false).describe('Statistics of the columns instead of rows.'),
});

type Input = z.infer<typeof inputSchema>;

/** More is cut: the reader asks for fewer rows or columns. */
const longestAnswer = 24_000;

/** Reads any part of an earlier result again, without asking the system it came from. */
export function createReadEvidenceTool(store: EvidenceStore): HostTool {
  return {
    spec: hostSpec({
      name: 'read_evidence',
      title: 'Read evidence',
      description:
        'Reads part of an earlier result by its id, from memory: rows in pages, chosen columns, filtered or sorted, or statistics of the columns. Use it for results that were shortened.',
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
          `There is no ${parsed.data.evidence}.`,
          `There is ${ids.join(', ') || 'nothing yet'}.`,
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
  if (evidence.columns.length === 0) return readLines(evidence, input);
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
  const matching = evidence.rows.filter((row) =>
    input.where.every((test) => passes(row[names.indexOf(test.column)], test)),
  );
  if (input.order_by !== undefined) sortBy(matching, names.indexOf(input.order_by), input.descending);
  const chosen = (input.columns ?? names).map((name) => names.indexOf(name));
  const facts = `${evidence.id}: ${matching.length} of ${evidence.rowCount} rows match.`;
  if (input.statistics) {
    const lines = chosen.map((index) =>
      columnStatistics(
        names[index] ?? '',
        matching.map((row) => row[index]),
      ),
    );
    return answer(facts, lines.join('\n'));
  }
  const page = matching.slice(input.from, input.from + input.rows);
  const columns = chosen.flatMap((index) => evidence.columns[index] ?? []);
  const csv = renderCsv(
    columns,
    page.map((row) => chosen.map((index) => row[index])),
  ).replaceAll('\r\n', '\n');
  const shown =
    page.length === 0 ? 'None of these rows.' : `Rows ${input.from} to ${input.from + page.length - 1} of them:`;
  return answer(`${facts} ${shown}`, csv);
}

function readLines(evidence: Evidence, { from, rows }: Input): ToolOutcome {
  const lines = JSON.stringify(evidence.value, null, 1).split('\n');
  const page = lines.slice(from, from + rows);
  return answer(`${evidence.id}: lines ${from} to ${from + page.length - 1} of ${lines.length}.`, page.join('\n'));
}

function answer(facts: string, data: string): ToolOutcome {
  const cut = data.length > longestAnswer ? `${data.slice(0, longestAnswer)}…` : data;
  const hint = data.length > longestAnswer ? '\nCut: ask for fewer rows or columns.' : '';
  return { kind: 'result', text: `${facts}\n${wrapUntrusted(cut, createDelimiter())}${hint}`, structured: undefined };
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

/** Numbers by value, anything else by its text; nulls last. */
function compare(a: unknown, b: unknown): number {
  const [first, second] = [numberOf(a), numberOf(b)];
  if (first !== undefined && second !== undefined) return first - second;
  if (a === null || a === undefined) return b === null || b === undefined ? 0 : 1;
  if (b === null || b === undefined) return -1;
  return plainValue(a) < plainValue(b) ? -1 : plainValue(a) > plainValue(b) ? 1 : 0;
}

function sortBy(rows: (readonly unknown[])[], index: number, descending: boolean): void {
  rows.sort((a, b) => (descending ? compare(b[index], a[index]) : compare(a[index], b[index])));
}
