import { createReadStream } from 'node:fs';
import { appendFile, open, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import * as z from 'zod';
import { isCode, withLock } from '../lock-file.ts';
import { makeFolder } from '../make-folder.ts';
import type { SessionFacts } from './session-facts.ts';

const factsSchema = z.object({
  title: z.string(),
  created: z.string(),
  end: z
    .enum(['completed', 'inconclusive', 'cancelled', 'denied', 'waiting', 'budget', 'refused', 'failed'])
    .optional()
    .transform((end) => end),
  writes: z.array(z.object({ kind: z.enum(['filed', 'posted', 'changed']), what: z.string(), about: z.string() })),
  denied: z.boolean(),
  runbooks: z.array(z.object({ run: z.string(), name: z.string(), time: z.string() })),
  branched: z.boolean(),
}) satisfies z.ZodType<SessionFacts>;

const entrySchema = z.object({ version: z.literal(1), id: z.string(), bytes: z.number(), facts: factsSchema });

/** A session as it was when its file had this many bytes. */
export interface IndexEntry {
  readonly id: string;
  readonly bytes: number;
  readonly facts: SessionFacts;
}

export interface NewEntry extends IndexEntry {
  readonly text: string;
}

export interface IndexFile {
  /** The last entry of each session. */
  readonly entries: () => Promise<ReadonlyMap<string, IndexEntry>>;
  /** Every entry with its text, one at a time, in the order written: a later one of a session replaces the earlier. */
  readonly texts: () => AsyncGenerator<NewEntry>;
  readonly add: (entries: readonly NewEntry[]) => Promise<void>;
  /** Rewrites the file with the last entries of these sessions only, so that no text of another one is left in it. */
  readonly keepOnly: (isKept: (id: string) => boolean) => Promise<void>;
  /** The same if there is something to drop: a session that is gone, or as many outdated entries as current ones. */
  readonly tidy: (isKept: (id: string) => boolean) => Promise<void>;
}

/** Outdated entries that are not worth a rewrite. */
const fewLines = 100;

/**
 * What is known about the sessions, derived from their files: one line each, its facts as JSON, a tab, and its text as
 * JSON, so that a list reads no texts. It may be deleted at any time. Safe across windows.
 */
export function createIndexFile(file: string): IndexFile {
  const lock = `${file}.lock`;
  /** The file as it was read last, so that it is read again only after another window has changed it. */
  let known: { readonly stamp: string; readonly lines: number; readonly entries: Map<string, IndexEntry> } | undefined;
  const load = async () => {
    const stamp = await stampOf(file);
    if (known?.stamp === stamp) return known;
    const entries = new Map<string, IndexEntry>();
    let lines = 0;
    for await (const line of linesOf(file)) {
      const entry = readEntry(line);
      if (entry !== undefined) entries.set(entry.id, entry);
      lines += 1;
    }
    known = { stamp, lines, entries };
    return known;
  };
  const keepOnly: IndexFile['keepOnly'] = async (isKept) => {
    await makeFolder(dirname(file));
    await withLock(lock, async () => {
      const last = new Map<string, number>();
      let number = 0;
      for await (const line of linesOf(file)) {
        const entry = readEntry(line);
        if (entry !== undefined && isKept(entry.id)) last.set(entry.id, number);
        number += 1;
      }
      await rewrite(file, new Set(last.values()));
    });
  };
  return {
    entries: async () => (await load()).entries,
    texts: () => textsIn(file),
    add: async (added) => {
      if (added.length === 0) return;
      await makeFolder(dirname(file));
      const lines = added.map(toLine).join('');
      await withLock(lock, async () => {
        const isKnown = known?.stamp === (await stampOf(file));
        await appendFile(file, lines, { mode: 0o600 });
        if (known === undefined || !isKnown) return;
        for (const { id, bytes, facts } of added) known.entries.set(id, { id, bytes, facts });
        known = { stamp: await stampOf(file), lines: known.lines + added.length, entries: known.entries };
      });
    },
    keepOnly,
    tidy: async (isKept) => {
      const { entries, lines } = await load();
      const outdated = lines - entries.size;
      if (outdated > entries.size + fewLines || [...entries.keys()].some((id) => !isKept(id))) await keepOnly(isKept);
    },
  };
}

async function stampOf(file: string): Promise<string> {
  try {
    const { ino, size, mtimeMs } = await stat(file);
    return `${ino} ${size} ${mtimeMs}`;
  } catch (error) {
    if (isCode(error, 'ENOENT')) return '';
    throw error;
  }
}

async function* textsIn(file: string): AsyncGenerator<NewEntry> {
  for await (const line of linesOf(file)) {
    const entry = readEntry(line);
    const text: unknown = entry === undefined ? undefined : parseJson(line.slice(line.indexOf('\t') + 1));
    if (entry !== undefined && typeof text === 'string') yield { ...entry, text };
  }
}

async function rewrite(file: string, kept: ReadonlySet<number>): Promise<void> {
  const next = `${file}.${process.pid}.next`;
  try {
    await using target = await open(next, 'w', 0o600);
    await copyLines(file, kept, target);
    await rename(next, file);
  } catch (error) {
    await rm(next, { force: true });
    throw error;
  }
}

const batchLength = 1_000_000;

async function copyLines(file: string, kept: ReadonlySet<number>, target: FileHandle): Promise<void> {
  let number = 0;
  let batch = '';
  for await (const line of linesOf(file)) {
    if (kept.has(number)) batch += `${line}\n`;
    number += 1;
    if (batch.length < batchLength) continue;
    await target.appendFile(batch);
    batch = '';
  }
  await target.appendFile(batch);
}

/** Without a last line that is still being written. */
async function* linesOf(file: string): AsyncGenerator<string> {
  let rest = '';
  try {
    const chunks: AsyncIterable<unknown> = createReadStream(file, { encoding: 'utf8', highWaterMark: 256 * 1024 });
    for await (const chunk of chunks) {
      const lines = String(chunk).split('\n');
      lines[0] = rest + (lines[0] ?? '');
      rest = lines.pop() ?? '';
      yield* lines;
    }
  } catch (error) {
    if (!isCode(error, 'ENOENT')) throw error;
  }
}

function toLine({ id, bytes, facts, text }: NewEntry): string {
  return `${JSON.stringify({ version: 1, id, bytes, facts })}\t${JSON.stringify(text)}\n`;
}

/** A line that cannot be read counts as none: the session is read again. */
function readEntry(line: string): IndexEntry | undefined {
  return entrySchema.safeParse(parseJson(line.slice(0, Math.max(0, line.indexOf('\t'))))).data;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
