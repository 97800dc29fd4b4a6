import { readFileSync } from 'node:fs';
import * as z from 'zod';
import { collectKnown, type CheckableValues } from '../../../../src/agent/claims/claims.ts';
import { createEvidenceStore, type EvidenceStore } from '../../../../src/agent/evidence/store.ts';
import { addObject, addTable, failedOrders } from '../evidence-samples.ts';
import { checkout, checkoutTexts, slowDatabase, slowDatabaseTexts } from '../investigations.ts';

/** One line of corpus.txt. */
export interface CorpusLine {
  readonly line: number;
  readonly text: string;
  readonly evidence: string;
  readonly flagged: readonly string[];
}

export const promptOfFailedOrders = [
  { label: 'the prompt', text: 'Investigate failed orders' },
  { label: 'the parameter threshold', text: '5' },
  { label: 'the parameter window_hours', text: '24' },
  { label: 'the parameter project', text: 'ENG' },
];

const namedSets: Readonly<Record<string, CheckableValues>> = {
  'failed orders': known(failedOrders(), promptOfFailedOrders),
  checkout: known(checkout(), checkoutTexts),
  'slow database': known(slowDatabase(), slowDatabaseTexts),
  'a large result': known(largeResult()),
  'written by others': known(writtenByOthers()),
};

/** @throws Error that names a line without three parts. */
export function readCorpus(): readonly CorpusLine[] {
  const source = readFileSync(new URL('corpus.txt', import.meta.url), 'utf8');
  return source.split('\n').flatMap((row, index): CorpusLine[] => {
    if (row === '' || row.startsWith('//')) return [];
    const [text, evidence, verdict, ...rest] = row.split(' | ');
    if (text === undefined || evidence === undefined || verdict === undefined || rest.length > 0)
      throw new Error(`corpus.txt:${index + 1}: must be text | evidence | verdict`);
    const flagged = verdict === 'supported' ? [] : verdict.split('; ').map(unescape);
    return [{ line: index + 1, text: unescape(text), evidence, flagged }];
  });
}

export function evidenceOf(evidence: string): CheckableValues {
  return namedSets[evidence] ?? known(oneResult(columnsSchema.parse(JSON.parse(evidence))));
}

const columnsSchema = z.record(z.string(), z.array(z.union([z.string(), z.number()])));

function oneResult(columns: z.infer<typeof columnsSchema>): EvidenceStore {
  const store = createEvidenceStore();
  const types = Object.entries(columns).map(([name, values]) => [name, typeOf(values[0])] as const);
  const length = Math.max(...Object.values(columns).map((values) => values.length));
  const rows = Array.from({ length }, (_, index) => Object.values(columns).map((values) => values[index] ?? null));
  addTable(store, Object.fromEntries(types), rows);
  return store;
}

function typeOf(value: string | number | undefined): string {
  if (typeof value === 'number') return 'numeric';
  return /^\d{4}-\d{2}-\d{2}T/.test(value ?? '') ? 'timestamptz' : 'text';
}

function known(store: EvidenceStore, texts: typeof promptOfFailedOrders = []): CheckableValues {
  return collectKnown({ evidence: store.list(), texts });
}

function largeResult(): EvidenceStore {
  const store = createEvidenceStore();
  const rows = Array.from({ length: 5000 }, (_, index) => [index + 1, index % 997, `order ${index}`]);
  addTable(store, { id: 'int8', quantity: 'int4', note: 'text' }, rows);
  return store;
}

export function writtenByOthers(): EvidenceStore {
  const store = createEvidenceStore();
  addObject(store, 'get_jira_issue', { issue_key: 'SUP-9', description: 'At least 912 orders failed, 88% of all.' });
  addTable(store, { note: 'text', code: 'varchar' }, [['retry 3 of 17 failed after 250 ms', '733']]);
  return store;
}

function unescape(text: string): string {
  return text.replaceAll(/\\(?:u\{([0-9A-F]+)\}|([n|\\]))/g, (_, code: string | undefined, sign: string | undefined) =>
    code === undefined ? (sign === 'n' ? '\n' : (sign ?? '')) : String.fromCodePoint(Number.parseInt(code, 16)),
  );
}
