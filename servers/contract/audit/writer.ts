import { randomBytes } from 'node:crypto';
import { closeSync, fdatasyncSync, fsyncSync, ftruncateSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { chainStart, sealRecord, type AuditBody, type ChainHead } from './record.ts';
import { auditFolders, writeHead, writeWhole } from './files.ts';
import { recoverLogs } from './recovery.ts';

export interface AuditWriter {
  /**
   * Appends a record. `durable`: it and all before it are on the disk when this returns. Otherwise it is in the log within
   * `gatherMs`, or at the end of the process if that comes first; a process killed without warning loses no more than
   * that, and what is in its log still verifies.
   * @param make called when the record is written; what it takes must not change until then.
   * @returns its sequence.
   * @throws the system's error when this record, or one gathered before it, cannot be written. Of this one nothing then
   * stays in the log; those before it are kept and tried again with the next.
   */
  readonly append: (make: () => AuditBody, durable: boolean) => number;
  /** Writes what is gathered; that it cannot is reported. */
  readonly close: () => void;
}

export interface AuditWriterOptions {
  readonly stateFolder: string;
  /** `postgres`: the log is audit/postgres-<time>-<process>-<random>.jsonl, made with the first record. */
  readonly writer: string;
  /** A log is followed by the next, `<name>.2.jsonl`, beyond this size. */
  readonly maxBytes?: number;
  /** That gathered records could not be written; the next `append` will throw, unless it can write them. */
  readonly report: (error: unknown) => void;
}

/**
 * Made, sealed and written one by one, the records of a call cost more than a third of a small query: four file writes,
 * and the hashing, which in one go finds its code in the processor's cache.
 */
export const gatherMs = 10;
const mostGathered = 500;
const defaultMaxBytes = 32 * 1024 * 1024;

/** One chain of one process: no two processes ever write to the same log. */
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
      if (durable || open.gathered.length >= mostGathered) writeAll(open, durable, maxBytes);
      else timer ??= setTimeout(flush, gatherMs).unref();
      return sequence;
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
  /** Whose entries must be on the disk for the files to be found after a crash. */
  readonly folders: readonly string[];
  /** They are, for the files there are now. */
  named: boolean;
  readonly name: string;
  readonly headFile: number;
  part: number;
  log: number;
  /** Up to which the log holds whole records. */
  bytes: number;
  /** Records that are not yet in the log. */
  gathered: (() => AuditBody)[];
  /** Of the last record in the log. */
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

/** With a record just gathered, of which nothing stays if it cannot be written. */
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

/** As many of the gathered records as the file takes. */
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
    // A full disk leaves half a line, which would break the chain for the records after it.
    ftruncateSync(chain.log, chain.bytes);
    throw error;
  }
  chain.bytes += data.length;
  chain.head = head;
  chain.gathered.splice(0, count);
}

function rotate(chain: OpenChain): void {
  const log = openSync(join(chain.folder, `${chain.name}.${chain.part + 1}.jsonl`), 'wx', 0o600);
  fdatasyncSync(chain.log);
  closeSync(chain.log);
  chain.part += 1;
  chain.log = log;
  chain.bytes = 0;
  chain.named = false;
}

/** Makes new names in a folder as durable as what the files hold. Windows knows no such thing. */
function syncFolder(folder: string): void {
  if (process.platform === 'win32') return;
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
