import { randomBytes } from 'node:crypto';
import { closeSync, fdatasyncSync, ftruncateSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { chainStart, sealRecord, type AuditBody, type ChainHead } from './audit.ts';
import { auditFolders, writeHead, writeWhole } from './audit-files.ts';
import { recoverLogs } from './audit-recovery.ts';

export interface AuditWriter {
  /**
   * Appends a record. `durable`: it and all before it are on the disk when this returns. Otherwise it is in the log within
   * `gatherMs`, or at the end of the process if that comes first; a process killed without warning loses no more than
   * that, and what is in its log still verifies.
   * @throws the system's error when this record, or one gathered before it, cannot be written. Of this one nothing then
   * stays in the log; those before it are kept and tried again with the next.
   */
  readonly append: (body: AuditBody, durable: boolean) => ChainHead;
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

/** Four writes a call, of lines and of the head, were a quarter of what a small query cost. */
export const gatherMs = 10;
const mostGathered = 256 * 1024;
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
      if (open !== undefined) writeGathered(open, false);
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
    append: (body, durable) => {
      open ??= start();
      if (open.failed) writeGathered(open, false);
      if (open.bytes + open.gathered.length >= maxBytes) rotate(open);
      add(open, body, durable);
      if (open.gathered !== '') timer ??= setTimeout(flush, gatherMs).unref();
      return open.head;
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
  readonly name: string;
  readonly headFile: number;
  part: number;
  log: number;
  /** Up to which the log holds whole records. */
  bytes: number;
  /** Lines that are sealed and not yet in the log. */
  gathered: string;
  /** Of the last record, in the log or gathered. */
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
    name,
    part: 1,
    log,
    headFile,
    head: chainStart,
    bytes: 0,
    gathered: '',
    failed: false,
  };
}

function rotate(chain: OpenChain): void {
  writeGathered(chain, true);
  const log = openSync(join(chain.folder, `${chain.name}.${chain.part + 1}.jsonl`), 'wx', 0o600);
  closeSync(chain.log);
  chain.part += 1;
  chain.log = log;
  chain.bytes = 0;
}

/** Seals a record behind those gathered, and writes them all if it must be on the disk or they have become many. */
function add(chain: OpenChain, body: AuditBody, durable: boolean): void {
  const { bytes, gathered, head } = chain;
  const sealed = sealRecord(body, head);
  chain.gathered += `${sealed.line}\n`;
  chain.head = sealed.head;
  if (!durable && chain.gathered.length < mostGathered) return;
  try {
    writeGathered(chain, durable);
  } catch (error) {
    // Unless it is in the log, and only the head could not be written.
    if (chain.bytes === bytes) Object.assign(chain, { gathered, head });
    throw error;
  }
}

function writeGathered(chain: OpenChain, durable: boolean): void {
  if (chain.gathered === '' && !chain.failed && !durable) return;
  chain.failed = true;
  const data = Buffer.from(chain.gathered);
  try {
    writeWhole(chain.log, data, chain.bytes);
    if (durable) fdatasyncSync(chain.log);
  } catch (error) {
    // A full disk leaves half a line, which would break the chain for the records after it.
    ftruncateSync(chain.log, chain.bytes);
    throw error;
  }
  chain.bytes += data.length;
  chain.gathered = '';
  writeHead(chain.headFile, chain.head);
  if (durable) fdatasyncSync(chain.headFile);
  chain.failed = false;
}
