import type { Evidence } from './types.ts';
import * as z from 'zod';
import { canonicalJson, sha256Hex } from '../digest.ts';
import { describeForModel } from './model-text.ts';
import type { Arguments, ToolOutcome, ToolSpec } from '../tools.ts';
import { createDelimiter } from '../untrusted-text.ts';

const valueSchema = z.record(z.string(), z.unknown());

/** What a session file keeps of one evidence. `value` is absent while the shelf holds it. */
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

/** Where large evidence waits outside memory. Synchronous: expansion must not be interleaved with new results. */
export interface EvidenceShelf {
  readonly put: (id: string, text: string) => void;
  /** undefined where it is not there (any more). */
  readonly take: (id: string) => string | undefined;
}

export interface EvidenceOptions {
  /** Evidence of an earlier part of the session; ids go on after the last. */
  readonly records?: readonly EvidenceRecord[] | undefined;
  readonly shelf?: EvidenceShelf | undefined;
  /** Bytes of JSON kept in memory before the oldest goes to the shelf. Without a shelf everything stays. */
  readonly keepBytes?: number | undefined;
  /** A new delimiter for each wrapped text: one that nobody can guess. For tests. */
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
  /** The result as the model sees it: its id first, the text marked as data that others wrote. */
  readonly toModelText: (evidence: Evidence, text: string) => string;
  readonly snapshot: () => readonly EvidenceRecord[];
}

/** Evidence that cannot be read back as it was stored. */
export class EvidenceLostError extends Error {
  override readonly name = 'EvidenceLostError';
}

const viewRows = 200;
const defaultKeepBytes = 16 * 1024 * 1024;

/** The shape of a table, wherever in a result it stands. */
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
      // As it would be read back from a file: without a key that means something to JavaScript.
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

/** A third party may say more in its text than in its structured content; ours say the same in both. */
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
  // The rows that are here, whatever the server says it counted: this is what {{E1.row_count}} stands for.
  return { columns, rowCount: rows.length, truncated: truncated ?? false };
}

/** Values in memory up to a size, the oldest on the shelf. */
function createValues(shelf: EvidenceShelf | undefined, keepBytes: number) {
  const memory = new Map<string, { value: Readonly<Record<string, unknown>>; bytes: number }>();
  let held = 0;
  const spill = (newest: string): void => {
    if (shelf === undefined) return;
    for (const [id, { value, bytes }] of memory) {
      if (held <= keepBytes || id === newest) return;
      shelf.put(id, JSON.stringify(value));
      memory.delete(id);
      held -= bytes;
    }
  };
  const get = (record: EvidenceRecord): Readonly<Record<string, unknown>> => {
    const found = memory.get(record.id);
    if (found !== undefined) return found.value;
    const text = shelf?.take(record.id);
    if (text === undefined) throw new EvidenceLostError(`${record.id} is no longer stored. Run the tool again.`);
    const value = valueSchema.parse(JSON.parse(text));
    if (sha256Hex(canonicalJson(value)) !== record.sha256)
      throw new EvidenceLostError(`${record.id} was changed in storage: its sha256 differs. Run the tool again.`);
    return value;
  };
  return {
    put: (id: string, value: Readonly<Record<string, unknown>>): void => {
      const bytes = JSON.stringify(value).length;
      memory.set(id, { value, bytes });
      held += bytes;
      spill(id);
    },
    get,
    inRecord: (record: EvidenceRecord): EvidenceRecord => {
      const found = memory.get(record.id);
      return found === undefined ? record : { ...record, value: { ...found.value } };
    },
  };
}
