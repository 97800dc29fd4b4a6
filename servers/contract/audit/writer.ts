import { randomBytes } from 'node:crypto';
import { closeSync, fdatasyncSync, fsyncSync, ftruncateSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { chainStart, sealRecord, type AuditBody, type ChainHead } from './record.ts';
import { auditFolders, writeHead, writeWhole } from './files.ts';
import { recoverLogs } from './recovery.ts';

export interface AuditWriter {
  /**
   * Appends a record. `durable`: this record and all before it are on disk when this returns. Otherwise it is in the
   * log within `gatherMs`, or when the process exits if that is sooner. A killed process loses no more than that, and
   * its log still verifies.
   * @param make called when the record is written; its inputs must not change until then.
   * @returns the sequence number.
   * @throws the system's error when this record, or an earlier pending one, cannot be written. Nothing of this record
   * then stays in the log; earlier ones are kept and retried with the next.
   */
  readonly append: (make: () => AuditBody, durable: boolean) => number;
  /** Records that are not in the log yet. */
  readonly waiting: number;
  /** Writes pending records, and reports it if that fails. */
  readonly close: () => void;
}

export interface AuditWriterOptions {
  readonly stateFolder: string;
  /** `postgres`: the log is audit/postgres-<time>-<process>-<random>.jsonl, created with the first record. */
  readonly writer: string;
  /** Past this size, the log continues in `<name>.2.jsonl`. */
  readonly maxBytes?: number;
  /** Called when pending records could not be written. The next `append` throws unless it can write them. */
  readonly report: (error: unknown) => void;
}

/**
 * Written one by one, the records of a call cost more than a third of a small query: four file writes, and hashing,
 * which is faster in one go because its code stays in the processor cache.
 */
export const gatherMs = 10;
const maxGathered = 500;
const defaultMaxBytes = 32 * 1024 * 1024;

/** One chain of one process: two processes never write to the same log. */
export function createAuditWriter(options: AuditWriterOptions): AuditWriter {
  const maxBytes = options.maxBytes ?? defaultMaxBytes;
  let open: OpenChain | undefined;
  let timer: NodeJS.Timeout | undefined;
  const flush = (): void => {
    clearTimeout(timer);
    timer = undefined;
    try {
      if (open !== undefined) writeGathered(open, false, maxBytes);
    } catch (error) {
      options.report(error);
    }
  };
  const start = (): OpenChain => {
    recoverLogs(options.stateFolder, options.writer);
    const chain = startChain(options);
    process.on('exit', flush);
    return chain;
  };
  return {
    append: (make, durable) => {
      open ??= start();
      if (open.failed) writeGathered(open, false, maxBytes);
      const sequence = open.head.sequence + open.gathered.push(make);
      if (durable || open.gathered.length >= maxGathered) writeAll(open, durable, maxBytes);
      else timer ??= setTimeout(flush, gatherMs).unref();
      return sequence;
    },
    get waiting() {
      return open?.gathered.length ?? 0;
    },
    close: () => {
      flush();
      process.off('exit', flush);
      if (open === undefined) return;
      closeSync(open.log);
      closeSync(open.headFile);
      open = undefined;
    },
  };
}

interface OpenChain {
  readonly folder: string;
  /** Folders that must be synced for the files to be found after a crash. */
  readonly folders: readonly string[];
  /** They are synced for the current files. */
  named: boolean;
  readonly name: string;
  readonly headFile: number;
  part: number;
  log: number;
  /** The length of the log up to its last complete record. */
  bytes: number;
  /** Records not yet in the log. */
  gathered: (() => AuditBody)[];
  /** Head of the last record in the log. */
  head: ChainHead;
  /** The last write failed. */
  failed: boolean;
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
  return {
    folder: folders.logs,
    folders: [folders.logs, folders.heads, stateFolder],
    named: false,
    name,
    part: 1,
    log,
    headFile,
    head: chainStart,
    bytes: 0,
    gathered: [],
    failed: false,
  };
}

/** Writes a record that was just added. Nothing of it stays if it cannot be written. */
function writeAll(chain: OpenChain, durable: boolean, maxBytes: number): void {
  const last = chain.gathered.at(-1);
  try {
    writeGathered(chain, durable, maxBytes);
  } catch (error) {
    if (chain.gathered.at(-1) === last) chain.gathered.pop();
    throw error;
  }
}

function writeGathered(chain: OpenChain, durable: boolean, maxBytes: number): void {
  if (chain.gathered.length === 0 && !chain.failed) return;
  chain.failed = true;
  while (chain.gathered.length > 0) {
    if (chain.bytes >= maxBytes) rotate(chain);
    writeLines(chain, durable, maxBytes);
  }
  writeHead(chain.headFile, chain.head);
  if (durable) {
    fdatasyncSync(chain.headFile);
    if (!chain.named) for (const folder of chain.folders) syncFolder(folder);
    chain.named = true;
  }
  chain.failed = false;
}

/** As many of the pending records as the file has room for. */
function writeLines(chain: OpenChain, durable: boolean, maxBytes: number): void {
  let { head } = chain;
  let text = '';
  let count = 0;
  for (const make of chain.gathered) {
    if (chain.bytes + text.length >= maxBytes) break;
    const sealed = sealRecord(make(), head);
    head = sealed.head;
    text += `${sealed.line}\n`;
    count += 1;
  }
  const data = Buffer.from(text);
  try {
    writeWhole(chain.log, data, chain.bytes);
    if (durable) fdatasyncSync(chain.log);
  } catch (error) {
    // A full disk leaves half a line, which would break the chain for later records.
    ftruncateSync(chain.log, chain.bytes);
    throw error;
  }
  chain.bytes += data.length;
  chain.head = head;
  chain.gathered.splice(0, count);
}

function rotate(chain: OpenChain): void {
  const log = openSync(join(chain.folder, `${chain.name}.${chain.part + 1}.jsonl`), 'wx', 0o600);
  if (!isRestricted()) fdatasyncSync(chain.log);
  closeSync(chain.log);
  chain.part += 1;
  chain.log = log;
  chain.bytes = 0;
  chain.named = false;
}

/** Node's permission model forbids fsync. A server that runs under it only reads, and its records need not be durable. */
function isRestricted(): boolean {
  return Reflect.has(process, 'permission');
}

/** Makes new names in a folder as durable as the files' content. Windows does not support this. */
function syncFolder(folder: string): void {
  if (process.platform === 'win32') return;
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
