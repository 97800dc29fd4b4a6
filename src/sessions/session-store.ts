import { randomBytes } from 'node:crypto';
import { appendFile, copyFile, open, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunEnd } from '../agent/events.ts';
import { createEvidenceStore, type EvidenceStore } from '../agent/evidence/store.ts';
import { branchRecords, type BranchPoint } from './branch-records.ts';
import { isCode, tryLock } from './lock-file.ts';
import { createFileLog } from './session-log.ts';
import { createShelf, Session, type SessionPlaces } from './session.ts';
import { parseLine, parseSessionFile, type SessionContent, type SessionRecord } from './session-record.ts';
import { makeFolder } from './make-folder.ts';

/** The session does not exist or cannot be opened for writing. The message is for the user. */
export class SessionError extends Error {
  override readonly name = 'SessionError';
}

export interface SessionSummary {
  readonly id: string;
  readonly title: string;
  /** UTC, ISO 8601. */
  readonly created: string;
  /** UTC, ISO 8601. */
  readonly changed: string;
  /** How its last run ended; undefined while one is in progress or after a crash. */
  readonly lastEnd: RunEnd | undefined;
  readonly bytes: number;
}

interface SessionFiles {
  readonly file: string;
  readonly evidenceFolder: string;
  readonly lock: string;
}

export interface SessionStore {
  /** Creates a session. Its file appears with the first record. */
  readonly create: () => Promise<Session>;
  /** Opens an existing session for writing. @throws SessionError when it does not exist or is open in another window. */
  readonly open: (id: string) => Promise<Session>;
  /** Reads a session, even while it is being written. @throws SessionError when it does not exist. */
  readonly read: (id: string) => Promise<SessionContent>;
  /** Its results with all rows written so far. @throws SessionError when it does not exist. */
  readonly evidence: (id: string) => Promise<EvidenceStore>;
  /** Newest first. */
  readonly list: () => Promise<readonly SessionSummary[]>;
  /** Copies a session up to a point into a new one, and returns its id. @throws SessionError when there is no such point. */
  readonly branch: (id: string, at: BranchPoint) => Promise<string>;
  /** @throws SessionError when it does not exist or is open. */
  readonly remove: (id: string) => Promise<void>;
}

export const sessionIdPattern = /^[0-9]{8}-[0-9]{6}-[0-9a-f]{8}$/;
const headBytes = 4096;
const tailBytes = 16 * 1024;

/**
 * Sessions as append-only JSONL files in one folder: one file per session, one record per line. Several processes may
 * use the folder, but only one at a time writes a session.
 */
export function createSessionStore(folder: string): SessionStore {
  const filesOf = (id: string): SessionFiles => {
    if (!sessionIdPattern.test(id)) throw new SessionError(`'${id}' is not a session id.`);
    return {
      file: join(folder, `${id}.jsonl`),
      evidenceFolder: join(folder, `${id}.evidence`),
      lock: join(folder, `${id}.lock`),
    };
  };
  return {
    create: async () => {
      await makeFolder(folder);
      const id = newSessionId();
      const files = filesOf(id);
      const lock = await tryLock(files.lock);
      if (lock === undefined) throw new SessionError(`The session ${id} already exists.`);
      return new Session(parseSessionFile(id, Buffer.alloc(0)).content, placesOf(files), lock);
    },
    open: async (id) => {
      const files = filesOf(id);
      await readBytes(files.file, id);
      const lock = await tryLock(files.lock);
      if (lock === undefined) throw new SessionError(`The session ${id} is open in another window.`);
      try {
        await recover(files.file, await readBytes(files.file, id));
        return new Session(parseSessionFile(id, await readBytes(files.file, id)).content, placesOf(files), lock);
      } catch (error) {
        await lock.release();
        throw error;
      }
    },
    read: async (id) => parseSessionFile(id, await readBytes(filesOf(id).file, id)).content,
    evidence: async (id) => {
      const { file, evidenceFolder } = filesOf(id);
      const { evidence: records } = parseSessionFile(id, await readBytes(file, id)).content;
      // Readers move no evidence to disk.
      return createEvidenceStore({ records, shelf: createShelf(evidenceFolder), keepBytes: Infinity });
    },
    list: () => listSessions(folder),
    branch: (id, at) => writeBranch(id, at, filesOf),
    remove: async (id) => {
      const files = filesOf(id);
      await readBytes(files.file, id);
      const lock = await tryLock(files.lock);
      if (lock === undefined) throw new SessionError(`The session ${id} is open in another window.`);
      await rm(files.file, { force: true });
      await rm(files.evidenceFolder, { recursive: true, force: true });
      await lock.release();
    },
  };
}

async function writeBranch(id: string, at: BranchPoint, filesOf: (id: string) => SessionFiles): Promise<string> {
  const source = filesOf(id);
  const lines = (await readBytes(source.file, id)).toString().split('\n');
  const target = newSessionId();
  const ids = { id: target, time: new Date().toISOString() };
  const records = branchRecords(
    id,
    lines.flatMap((line) => parseLine(line) ?? []),
    at,
    ids,
  );
  if (records === undefined) throw new SessionError('There is no such message in this session.');
  const { file, evidenceFolder } = filesOf(target);
  const shelved = records.flatMap((record) =>
    record.type === 'evidence' && record.record.value === undefined ? [`${record.record.id}.json`] : [],
  );
  if (shelved.length > 0) await makeFolder(evidenceFolder);
  for (const name of shelved) await copyIfThere(join(source.evidenceFolder, name), join(evidenceFolder, name));
  // Last: a session without all of its results would claim to have them.
  await writeFile(file, records.map((record) => `${JSON.stringify(record)}\n`).join(''), { mode: 0o600, flag: 'wx' });
  return target;
}

/** A result that is missing there is missing here. */
async function copyIfThere(from: string, to: string): Promise<void> {
  await copyFile(from, to).catch((error: unknown) => {
    if (!isCode(error, 'ENOENT')) throw error;
  });
}

function placesOf({ file, evidenceFolder }: SessionFiles): SessionPlaces {
  return { log: createFileLog(file), shelf: createShelf(evidenceFolder) };
}

/** Sorts by time and is unique. */
export function newSessionId(): string {
  const [day, time] = new Date().toISOString().replaceAll(/[-:]/g, '').split(/[T.]/);
  return `${day}-${time}-${randomBytes(4).toString('hex')}`;
}

async function readBytes(file: string, id: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (error) {
    if (isCode(error, 'ENOENT')) throw new SessionError(`There is no session ${id}.`, { cause: error });
    throw error;
  }
}

/**
 * Removes a last line truncated by a crash and drops the conversation after a damaged line. Both are recorded in the
 * file, so that the next append starts on a new line with a valid conversation.
 */
async function recover(file: string, bytes: Buffer): Promise<void> {
  const { wholeBytes, hasGap, content } = parseSessionFile('', bytes);
  const lostBytes = bytes.length - wholeBytes;
  const records: SessionRecord[] = [];
  if (lostBytes > 0) {
    await truncate(file, wholeBytes);
    records.push({ type: 'recovered', time: new Date().toISOString(), lostBytes });
  }
  if (hasGap) records.push({ type: 'rewound', messages: content.messages.length });
  if (records.length > 0) await appendFile(file, records.map((record) => `${JSON.stringify(record)}\n`).join(''));
}

async function listSessions(folder: string): Promise<readonly SessionSummary[]> {
  const names = await readdir(folder).catch((error: unknown) => {
    if (isCode(error, 'ENOENT')) return [];
    throw error;
  });
  const ids = names.filter((name) => name.endsWith('.jsonl')).map((name) => name.slice(0, -'.jsonl'.length));
  const summaries: SessionSummary[] = [];
  for (const id of ids.filter((id) => sessionIdPattern.test(id))) {
    const summary = await summarize(join(folder, `${id}.jsonl`), id);
    if (summary !== undefined) summaries.push(summary);
  }
  return summaries.sort((a, b) => b.changed.localeCompare(a.changed) || b.id.localeCompare(a.id));
}

/** Reads only the start and the end of the file, because sessions may be long. Undefined if it was removed meanwhile. */
async function summarize(file: string, id: string): Promise<SessionSummary | undefined> {
  try {
    await using handle = await open(file, 'r');
    const { size, mtime } = await handle.stat();
    const head = await readRange(handle, 0, headBytes);
    const tail = await readRange(handle, Math.max(0, size - tailBytes), tailBytes);
    const header = parseLine(head.split('\n', 1)[0] ?? '');
    return {
      id,
      title: header?.type === 'session' ? header.title : '',
      created: header?.type === 'session' ? header.time : mtime.toISOString(),
      changed: mtime.toISOString(),
      lastEnd: lastEndIn(tail),
      bytes: size,
    };
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

async function readRange(handle: Awaited<ReturnType<typeof open>>, position: number, length: number): Promise<string> {
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, position);
  return buffer.toString('utf8', 0, bytesRead);
}

function lastEndIn(text: string): RunEnd | undefined {
  const events = text.split('\n').flatMap((line) => {
    const record = parseLine(line);
    return record?.type === 'event' ? [record.event] : [];
  });
  const last = events.findLast(({ type }) => type === 'run-finished' || type === 'run-started');
  return last?.type === 'run-finished' ? last.reason : undefined;
}
