import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isCode } from '../lock-file.ts';
import { sessionIdPattern, type SessionStore } from '../session-store.ts';
import { createIndexFile, type IndexFile, type NewEntry } from './index-file.ts';
import { createNameFile, type Label } from './name-file.ts';
import { findWords, wordsIn, type FoundText } from './find-words.ts';
import { factsOfSession, type SessionFacts } from './session-facts.ts';
import { textOfSession } from './session-text.ts';

export interface HistoryEntry extends Label {
  readonly id: string;
  /** When it was last written to, in milliseconds. */
  readonly changed: number;
  /** Undefined until it has been read. May be of an earlier state. */
  readonly facts: SessionFacts | undefined;
  /** Facts and text are those of the session as it is now. */
  readonly isCurrent: boolean;
}

export interface HistoryHit extends FoundText {
  readonly entry: HistoryEntry;
}

export interface HistoryStore {
  /** Pinned ones first, then the newest. Opens no session. */
  readonly list: () => Promise<readonly HistoryEntry[]>;
  /** Reads those of these sessions that have changed since they were last read. */
  readonly read: (entries: readonly HistoryEntry[], signal: AbortSignal) => Promise<void>;
  /** Sessions with all words of the query, in the order of the list. Only what has been read is found. */
  readonly search: (query: string, signal: AbortSignal) => Promise<readonly HistoryHit[]>;
  /** An empty name gives it its own title again. */
  readonly rename: (id: string, name: string) => Promise<void>;
  readonly pin: (id: string, isPinned: boolean) => Promise<void>;
  /** Deletes the session and everything that is known from it. @throws SessionError when it is open or does not exist. */
  readonly remove: (id: string) => Promise<void>;
  /** Forgets sessions that were deleted in another way. */
  readonly tidy: () => Promise<void>;
}

export interface HistoryOptions {
  readonly sessions: Pick<SessionStore, 'read' | 'remove'>;
  readonly sessionsFolder: string;
  /** Of the index, and of what a person says about sessions. */
  readonly folder: string;
}

/** Of one session. What comes later is not found. */
const maxTextLength = 200_000;
const maxNameLength = 200;
/** Files looked at at once. */
const parallel = 32;
/** Sessions written to the index at once. */
const batch = 50;

/** The sessions of a folder as a list with names and full-text search, from an index instead of the sessions. */
export function createHistoryStore({ sessions, sessionsFolder, folder }: HistoryOptions): HistoryStore {
  const index = createIndexFile(join(folder, 'index.jsonl'));
  const names = createNameFile(join(folder, 'names.json'));

  const list = async (): Promise<readonly HistoryEntry[]> => {
    const [files, known, labels] = await Promise.all([filesIn(sessionsFolder), index.entries(), names.read()]);
    const entries = files.map(({ id, bytes, changed }): HistoryEntry => {
      const entry = known.get(id);
      return { id, changed, facts: entry?.facts, isCurrent: entry?.bytes === bytes, ...labels.get(id) };
    });
    return entries.toSorted(
      (a, b) =>
        Number(b.pinned ?? false) - Number(a.pinned ?? false) || b.changed - a.changed || (a.id < b.id ? 1 : -1),
    );
  };

  return {
    list,
    read: async (entries, signal) => {
      let read: NewEntry[] = [];
      for (const { id, isCurrent } of entries) {
        if (signal.aborted) break;
        if (isCurrent) continue;
        const entry = await readSession(id, sessions, sessionsFolder);
        if (entry !== undefined) read.push(entry);
        if (read.length < batch) continue;
        await index.add(read);
        read = [];
      }
      await index.add(read);
    },
    search: async (query, signal) => findSessions(wordsIn(query), await list(), index, signal),
    rename: (id, name) => {
      const given = name.replaceAll(/\s+/gu, ' ').trim().slice(0, maxNameLength);
      return names.change(id, (before) => ({ ...before, name: given === '' ? undefined : given }));
    },
    pin: (id, isPinned) => names.change(id, (before) => ({ ...before, pinned: isPinned ? true : undefined })),
    remove: async (id) => {
      await sessions.remove(id);
      await names.change(id, () => ({}));
      await index.keepOnly((other) => other !== id);
    },
    tidy: async () => {
      const ids = new Set(await idsIn(sessionsFolder));
      await index.tidy((id) => ids.has(id));
    },
  };
}

async function findSessions(
  words: readonly string[],
  list: readonly HistoryEntry[],
  index: Pick<IndexFile, 'texts'>,
  signal: AbortSignal,
): Promise<readonly HistoryHit[]> {
  if (words.length === 0) return [];
  const entries = new Map(list.map((entry) => [entry.id, entry]));
  const found = new Map<string, FoundText>();
  for await (const { id, text } of index.texts()) {
    if (signal.aborted) return [];
    const name = entries.get(id)?.name;
    const hit = findWords(name === undefined ? text : `${name}\n${text}`, words);
    // A later entry of a session replaces the one before.
    if (hit === undefined) found.delete(id);
    else found.set(id, hit);
  }
  return list.flatMap((entry) => {
    const hit = found.get(entry.id);
    return hit === undefined ? [] : [{ entry, ...hit }];
  });
}

interface SessionFile {
  readonly id: string;
  readonly bytes: number;
  readonly changed: number;
}

async function idsIn(folder: string): Promise<readonly string[]> {
  const all = await readdir(folder).catch((error: unknown) => {
    if (isCode(error, 'ENOENT')) return [];
    throw error;
  });
  return all.flatMap((name) => {
    const id = name.endsWith('.jsonl') ? name.slice(0, -'.jsonl'.length) : '';
    return sessionIdPattern.test(id) ? [id] : [];
  });
}

async function filesIn(folder: string): Promise<readonly SessionFile[]> {
  const files: SessionFile[] = [];
  const rest = (await idsIn(folder)).values();
  const work = async (): Promise<void> => {
    for (const id of rest) {
      const file = await lookAt(folder, id);
      if (file !== undefined) files.push(file);
    }
  };
  await Promise.all(Array.from({ length: parallel }, work));
  return files;
}

/** Undefined if it was removed meanwhile. */
async function lookAt(folder: string, id: string): Promise<SessionFile | undefined> {
  try {
    const { size, mtimeMs } = await stat(join(folder, `${id}.jsonl`));
    return { id, bytes: size, changed: mtimeMs };
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

async function readSession(
  id: string,
  sessions: HistoryOptions['sessions'],
  folder: string,
): Promise<NewEntry | undefined> {
  // Looked at first: what is written meanwhile makes the entry an old one.
  const file = await lookAt(folder, id);
  if (file === undefined) return undefined;
  const content = await sessions.read(id);
  return {
    id,
    bytes: file.bytes,
    facts: factsOfSession(content),
    text: textOfSession(content).slice(0, maxTextLength),
  };
}
