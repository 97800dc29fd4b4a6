import { createHash } from 'node:crypto';
import { mkdir, open, readFile, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';

/** Who is working on a key. `id` is unique to one attempt; the rest tells whether its process is still alive. */
export const ownerSchema = z.object({ id: z.string(), host: z.string(), pid: z.int(), started: z.string() });
export type Owner = z.infer<typeof ownerSchema>;

const base = { time: z.string(), owner: z.string() };

/**
 * What is recorded about a keyed call, in this order: `intended` (an attempt starts), then for each effect `sending`
 * and one of `sent`, `refused`, `unknown`, then `done` with the result, or `failed`.
 */
export const entrySchema = z.discriminatedUnion('state', [
  z.object({
    state: z.literal('intended'),
    time: z.string(),
    owner: ownerSchema,
    /** 1, 2, ... Of several claims in one generation, the first in the log wins. */
    generation: z.int(),
    tool: z.string(),
    argumentsSha256: z.string(),
  }),
  z.object({ ...base, state: z.literal('sending'), effect: z.string() }),
  z.object({ ...base, state: z.literal('sent'), effect: z.string(), result: z.unknown() }),
  /** Upstream rejected it or was never reached: the effect did not happen and may be tried again. */
  z.object({ ...base, state: z.literal('refused'), effect: z.string() }),
  z.object({ ...base, state: z.literal('unknown'), effect: z.string() }),
  z.object({ ...base, state: z.literal('failed'), code: z.string() }),
  z.object({
    ...base,
    state: z.literal('done'),
    structured: z.record(z.string(), z.unknown()),
    text: z.string(),
  }),
]);
export type LedgerEntry = z.infer<typeof entrySchema>;

/**
 * An append-only log per key. Everything else (claims, replay, reconciliation) is built on these four methods, so a
 * store shared between machines only needs an ordered log (a database table, a Redis stream).
 */
export interface LedgerStore {
  /** Other machines use it, too: only the lease tells whether an attempt is alive. */
  readonly isShared?: true;
  /** Entries of a key, oldest first; empty for an unknown key. */
  readonly read: (key: string) => Promise<readonly LedgerEntry[]>;
  /**
   * Contract: once it resolves, the entry survives a crash and is among the returned entries, whose order is the same
   * for every process.
   */
  readonly append: (key: string, entry: LedgerEntry) => Promise<readonly LedgerEntry[]>;
  /** Signals that the attempt on this key is still alive. */
  readonly touch: (key: string) => Promise<void>;
  /** Milliseconds since the last append or touch. */
  readonly age: (key: string) => Promise<number>;
}

/** One file per key under `directory`, appended with O_APPEND and fsynced: processes on one machine may share it. */
export function createFileLedgerStore(directory: string): LedgerStore {
  const pathOf = (key: string): string => join(directory, `${createHash('sha256').update(key).digest('hex')}.jsonl`);
  const read = async (key: string): Promise<readonly LedgerEntry[]> => {
    try {
      return parseEntries(await readFile(pathOf(key), 'utf8'));
    } catch (error) {
      if (isMissing(error)) return [];
      throw error;
    }
  };
  return {
    read,
    append: async (key, entry) => {
      await mkdir(directory, { recursive: true, mode: 0o700 });
      const file = await open(pathOf(key), 'a', 0o600);
      try {
        // The leading line break ends a line that a crash left incomplete.
        await file.writeFile(`\n${JSON.stringify(entry)}\n`);
        await file.sync();
      } finally {
        await file.close();
      }
      if (entry.state === 'intended') await syncDirectory(directory);
      return read(key);
    },
    touch: async (key) => {
      const now = new Date();
      await utimes(pathOf(key), now, now);
    },
    age: async (key) => Date.now() - (await stat(pathOf(key))).mtimeMs,
  };
}

/** A line that is not an entry was cut by a crash before its fsync: what it announced never started. */
function parseEntries(text: string): LedgerEntry[] {
  return text.split('\n').flatMap(parseEntry);
}

export function parseEntry(line: string): LedgerEntry[] {
  if (line === '') return [];
  try {
    const parsed = entrySchema.safeParse(JSON.parse(line));
    return parsed.success ? [parsed.data] : [];
  } catch (error) {
    if (error instanceof SyntaxError) return [];
    throw error;
  }
}

/** Makes a new file's name as durable as its content. Windows does not support this. */
async function syncDirectory(directory: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
