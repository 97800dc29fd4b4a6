import type { Evidence } from './types.ts';
import * as z from 'zod';
import { canonicalJson } from '../../../servers/contract/canonical-json.ts';
import { sha256Hex } from '../../../servers/contract/sha256.ts';
import { describeForModel } from './model-text.ts';
import type { Arguments, ToolOutcome, ToolSpec } from '../tools.ts';
import { createDelimiter } from '../untrusted-text.ts';

const valueSchema = z.record(z.string(), z.unknown());

/** How a session file stores one piece of evidence. `value` is absent while it is on the shelf. */
export const evidenceRecordSchema = z.strictObject({
  id: z.string().regex(/^E[1-9]\d*$/),
  tool: z.string(),
  server: z.string(),
  title: z.string(),
  arguments: z.record(z.string(), z.unknown()),
  time: z.string(),
  columns: z.array(z.strictObject({ name: z.string(), type: z.string() })),
  rowCount: z.number(),
  truncated: z.boolean(),
  sha256: z.string(),
  value: valueSchema.optional(),
});

export type EvidenceRecord = z.infer<typeof evidenceRecordSchema>;

/** Stores large evidence outside memory. Synchronous: expansion must not be interleaved with new results. */
export interface EvidenceShelf {
  readonly put: (id: string, text: string) => void;
  /** undefined if it is missing. */
  readonly take: (id: string) => string | undefined;
}

export interface EvidenceOptions {
  /** Evidence from earlier in the session. New ids continue after the last one. */
  readonly records?: readonly EvidenceRecord[] | undefined;
  readonly shelf?: EvidenceShelf | undefined;
  /** Maximum bytes of JSON in memory before the oldest evidence moves to the shelf. Without a shelf, all of it stays. */
  readonly keepBytes?: number | undefined;
  /** Makes an unguessable delimiter for each wrapped text. Replaced in tests. */
  readonly delimiter?: (() => string) | undefined;
}

export interface NewEvidence {
  readonly tool: ToolSpec;
  readonly arguments: Arguments;
  readonly time: string;
  readonly outcome: Extract<ToolOutcome, { kind: 'result' }>;
}

export interface EvidenceStore {
  readonly add: (result: NewEvidence) => Evidence;
  readonly get: (id: string) => Evidence | undefined;
  readonly list: () => readonly Evidence[];
  /** The result as the model sees it: its id first, then the text, marked as data from others. */
  readonly toModelText: (evidence: Evidence, text: string) => string;
  readonly snapshot: () => readonly EvidenceRecord[];
}

/** Stored evidence is missing or has changed. */
export class EvidenceLostError extends Error {
  override readonly name = 'EvidenceLostError';
}

const viewRows = 200;
const defaultKeepBytes = 16 * 1024 * 1024;

/** The shape of a table at any depth of a result. */
export const tableSchema = z.object({
  columns: z.array(z.object({ name: z.string(), type: z.string() })),
  rows: z.array(z.array(z.unknown())),
  row_count: z.number().optional(),
  truncated: z.boolean().optional(),
});

export function createEvidenceStore(options: EvidenceOptions = {}): EvidenceStore {
  const delimiter = options.delimiter ?? createDelimiter;
  const values = createValues(options.shelf, options.keepBytes ?? defaultKeepBytes);
  const records: EvidenceRecord[] = [];
  const kept = new Map<string, Evidence>();

  const keep = (record: EvidenceRecord): Evidence => {
    const { value, ...rest } = record;
    records.push(rest);
    if (value !== undefined) values.put(record.id, value);
    const evidence = createEvidence(rest, () => values.get(rest));
    kept.set(record.id, evidence);
    return evidence;
  };
  for (const record of options.records ?? []) keep(record);

  return {
    add: ({ tool, arguments: input, time, outcome }) => {
      // As it would be read back from a file: without keys that are special in JavaScript.
      const value = valueSchema.parse(wholeResult(tool, outcome));
      const last = records.at(-1);
      const id = `E${last === undefined ? 1 : Number(last.id.slice(1)) + 1}`;
      return keep({
        id,
        tool: tool.plainName,
        server: tool.server,
        title: tool.title,
        arguments: { ...input },
        time,
        ...readShape(value),
        sha256: sha256Hex(canonicalJson(value)),
        value,
      });
    },
    get: (id) => kept.get(id),
    list: () => [...kept.values()],
    toModelText: (evidence, text) => describeForModel(evidence, text, delimiter),
    snapshot: () => records.map((record) => values.inRecord(record)),
  };
}

/** A third party's text may say more than its structured content. Ours say the same in both. */
function wholeResult(
  { trusted }: ToolSpec,
  { text, structured }: NewEvidence['outcome'],
): Readonly<Record<string, unknown>> {
  if (structured === undefined) return { text };
  const isTable = tableSchema.safeParse(structured).success;
  if (trusted || isTable || text === '' || Object.hasOwn(structured, 'text')) return structured;
  const said = Object.values(structured).some((value) => value === text) || isJsonOf(text, structured);
  return said ? structured : { ...structured, text };
}

function isJsonOf(text: string, structured: Readonly<Record<string, unknown>>): boolean {
  try {
    return canonicalJson(JSON.parse(text)) === canonicalJson(structured);
  } catch {
    return false;
  }
}

function createEvidence(record: EvidenceRecord, value: () => Readonly<Record<string, unknown>>): Evidence {
  const { value: _, ...facts } = record;
  const evidence: Evidence = {
    ...facts,
    get value() {
      return value();
    },
    get rows() {
      return tableSchema.safeParse(value()).data?.rows ?? [];
    },
    view: () => {
      const { server: __, ...shown } = facts;
      return { ...shown, rows: evidence.rows.slice(0, viewRows) };
    },
  };
  return evidence;
}

function readShape(value: Readonly<Record<string, unknown>>) {
  const table = tableSchema.safeParse(value);
  if (!table.success) return { columns: [], rowCount: 0, truncated: value['truncated'] === true };
  const { columns, rows, truncated } = table.data;
  // The rows we have, whatever count the server gives: {{E1.row_count}} means this number.
  return { columns, rowCount: rows.length, truncated: truncated ?? false };
}

/** Keeps values in memory up to a size and moves the oldest to the shelf. */
function createValues(shelf: EvidenceShelf | undefined, keepBytes: number) {
  const memory = new Map<string, { value: Readonly<Record<string, unknown>>; bytes: number }>();
  let bytesInMemory = 0;
  const spill = (newest: string): void => {
    if (shelf === undefined) return;
    for (const [id, { value, bytes }] of memory) {
      if (bytesInMemory <= keepBytes || id === newest) return;
      shelf.put(id, JSON.stringify(value));
      memory.delete(id);
      bytesInMemory -= bytes;
    }
  };
  const get = (record: EvidenceRecord): Readonly<Record<string, unknown>> => {
    const found = memory.get(record.id);
    if (found !== undefined) return found.value;
    const text = shelf?.take(record.id);
    if (text === undefined) throw new EvidenceLostError(`${record.id} is no longer stored. Run the tool again.`);
    const value = valueSchema.parse(JSON.parse(text));
    if (sha256Hex(canonicalJson(value)) !== record.sha256)
      throw new EvidenceLostError(`${record.id} has changed in storage: its sha256 differs. Run the tool again.`);
    return value;
  };
  return {
    put: (id: string, value: Readonly<Record<string, unknown>>): void => {
      const bytes = JSON.stringify(value).length;
      memory.set(id, { value, bytes });
      bytesInMemory += bytes;
      spill(id);
    },
    get,
    inRecord: (record: EvidenceRecord): EvidenceRecord => {
      const found = memory.get(record.id);
      return found === undefined ? record : { ...record, value: { ...found.value } };
    },
  };
}
