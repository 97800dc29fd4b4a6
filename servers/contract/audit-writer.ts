import { randomBytes } from 'node:crypto';
import {
  closeSync,
  fdatasyncSync,
  fstatSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { chainStart, checkLine, headBefore, sealRecord, type AuditBody, type ChainHead } from './audit.ts';

/** Audit logs of a state folder, and apart from them the head of each. */
export function auditFolders(stateFolder: string): { logs: string; heads: string } {
  return { logs: join(stateFolder, 'audit'), heads: join(stateFolder, 'audit-heads') };
}

export interface AuditWriter {
  /**
   * Appends a record. `durable`: it is on the disk when this returns.
   * @throws the system's error when it cannot be written; then nothing of it stays in the log.
   */
  readonly append: (body: AuditBody, durable: boolean) => ChainHead;
  readonly close: () => void;
}

export interface AuditWriterOptions {
  readonly stateFolder: string;
  /** `postgres`: the log is audit/postgres-<time>-<process>-<random>.jsonl, made with the first record. */
  readonly writer: string;
  /** A log is followed by the next, `<name>.2.jsonl`, beyond this size. */
  readonly maxBytes?: number;
}

const defaultMaxBytes = 32 * 1024 * 1024;
/** The head is rewritten in place, so its length never changes. */
const headLength = 256;

/** One chain of one process: no two processes ever write to the same log. */
export function createAuditWriter(options: AuditWriterOptions): AuditWriter {
  const maxBytes = options.maxBytes ?? defaultMaxBytes;
  let open: OpenChain | undefined;
  return {
    append: (body, durable) => {
      if (open === undefined) {
        recoverLogs(options.stateFolder, options.writer);
        open = startChain(options);
      } else if (open.bytes >= maxBytes) open = rotate(open);
      appendTo(open, body, durable);
      return open.head;
    },
    close: () => {
      if (open !== undefined) closeChain(open);
      open = undefined;
    },
  };
}

interface OpenChain {
  readonly folder: string;
  readonly name: string;
  part: number;
  log: number;
  readonly headFile: number;
  head: ChainHead;
  /** Up to which the log holds whole records. */
  bytes: number;
}

function startChain({ stateFolder, writer }: AuditWriterOptions): OpenChain {
  const folders = auditFolders(stateFolder);
  mkdirSync(folders.logs, { recursive: true, mode: 0o700 });
  mkdirSync(folders.heads, { recursive: true, mode: 0o700 });
  const time = new Date().toISOString().replaceAll(/[-:.]/g, '');
  const name = `${writer}-${time}-${process.pid}-${randomBytes(3).toString('hex')}`;
  const headFile = openSync(join(folders.heads, `${name}.head`), 'wx', 0o600);
  writeHead(headFile, chainStart);
  const log = openSync(join(folders.logs, `${name}.jsonl`), 'wx', 0o600);
  return { folder: folders.logs, name, part: 1, log, headFile, head: chainStart, bytes: 0 };
}

function rotate(chain: OpenChain): OpenChain {
  const part = chain.part + 1;
  const log = openSync(join(chain.folder, `${chain.name}.${part}.jsonl`), 'wx', 0o600);
  fdatasyncSync(chain.log);
  closeSync(chain.log);
  return { ...chain, part, log, bytes: 0 };
}

function appendTo(chain: OpenChain, body: AuditBody, durable: boolean): void {
  const { line, head } = sealRecord(body, chain.head);
  const data = Buffer.from(`${line}\n`, 'utf8');
  try {
    writeWhole(chain.log, data, chain.bytes);
    if (durable) fdatasyncSync(chain.log);
  } catch (error) {
    // A full disk leaves half a line, which would break the chain for the records after it.
    ftruncateSync(chain.log, chain.bytes);
    throw error;
  }
  chain.bytes += data.length;
  chain.head = head;
  writeHead(chain.headFile, head);
  if (durable) fdatasyncSync(chain.headFile);
}

function writeWhole(file: number, data: Buffer, position: number): void {
  let written = 0;
  while (written < data.length) written += writeSync(file, data, written, data.length - written, position + written);
}

/** Written after the log: it may lag behind, and never runs ahead. */
function writeHead(file: number, head: ChainHead): void {
  const text = JSON.stringify({ sequence: head.sequence, hash: head.hash }).padEnd(headLength - 1);
  writeWhole(file, Buffer.from(`${text}\n`), 0);
}

function closeChain(chain: OpenChain): void {
  closeSync(chain.log);
  closeSync(chain.headFile);
}

const headSchema = z.object({ sequence: z.int(), hash: z.string() });

/** @returns undefined where there is none or it cannot be read. */
export function readHead(stateFolder: string, name: string): ChainHead | undefined {
  try {
    const text = readFileSync(join(auditFolders(stateFolder).heads, `${name}.head`), 'utf8');
    return headSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

export const logName =
  /^(?<name>(?<writer>[a-z][a-z0-9]*)-\d{8}T\d{9}Z-(?<pid>\d+)-[0-9a-f]{6})(?:\.(?<part>\d+))?\.jsonl$/;

/** Dead processes' logs that end in half a line: the half is kept beside the log, and the chain goes on with a record of it. */
function recoverLogs(stateFolder: string, writer: string): void {
  const files = listFolder(auditFolders(stateFolder).logs).filter((file) => file.startsWith(`${writer}-`));
  for (const file of files.slice(-recoveredAtMost)) {
    const { name, pid } = logName.exec(file)?.groups ?? {};
    if (name === undefined || isAlive(Number(pid))) continue;
    try {
      recoverLog(stateFolder, file, name, writer);
    } catch (error) {
      // Another process is at it (`wx`), or the log may not be written: verify will say what is wrong with it.
      if (!isSystemError(error)) throw error;
    }
  }
}

/** The newest by name. Older ones were looked at when they were new. */
const recoveredAtMost = 50;

function recoverLog(stateFolder: string, file: string, name: string, writer: string): void {
  const folders = auditFolders(stateFolder);
  const path = join(folders.logs, file);
  const log = openSync(path, 'r+');
  try {
    if (endsWhole(log)) return;
    const content = readFileSync(path);
    const end = content.lastIndexOf(0x0a) + 1;
    const head = headOfLines(content.subarray(0, end));
    // A chain that does not hold is evidence for `audit verify`, not ours to mend.
    if (head === undefined) return;
    keepAside(`${path}.partial`, content.subarray(end));
    ftruncateSync(log, end);
    const headFile = openSync(join(folders.heads, `${name}.head`), 'r+');
    try {
      const chain: OpenChain = { folder: folders.logs, name, part: 1, log, headFile, head, bytes: end };
      appendTo(chain, { time: new Date().toISOString(), phase: 'recovered', writer }, true);
    } finally {
      closeSync(headFile);
    }
  } finally {
    closeSync(log);
  }
}

function endsWhole(log: number): boolean {
  const { size } = fstatSync(log);
  if (size === 0) return true;
  const last = Buffer.alloc(1);
  readSync(log, last, 0, 1, size - 1);
  return last[0] === 0x0a;
}

function keepAside(path: string, data: Buffer): void {
  const file = openSync(path, 'wx', 0o600);
  try {
    writeWhole(file, data, 0);
    fdatasyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** @returns undefined where the lines are no chain. */
function headOfLines(content: Buffer): ChainHead | undefined {
  let head: ChainHead | undefined;
  for (const line of linesOf(content)) {
    head ??= headBefore(line);
    if (head === undefined) return undefined;
    const checked = checkLine(line, head);
    if ('reason' in checked) return undefined;
    head = checked.head;
  }
  return head ?? chainStart;
}

/** Complete lines, without their ends. */
export function* linesOf(content: Buffer): Generator<Buffer> {
  let start = 0;
  for (let end = content.indexOf(0x0a); end >= 0; end = content.indexOf(0x0a, start)) {
    yield content.subarray(start, end);
    start = end + 1;
  }
}

export function listFolder(folder: string): string[] {
  try {
    return readdirSync(folder).toSorted();
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return [];
    throw error;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return !isSystemError(error, 'ESRCH');
  }
}

function isSystemError(error: unknown, code?: string): boolean {
  return error instanceof Error && 'code' in error && (code === undefined || error.code === code);
}
