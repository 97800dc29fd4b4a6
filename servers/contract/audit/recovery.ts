import { closeSync, fdatasyncSync, fstatSync, ftruncateSync, openSync, readFileSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { chainStart, checkLine, headBefore, sealRecord, type ChainHead } from './record.ts';
import { auditFolders, isSystemError, linesOf, listFolder, logName, writeHead, writeWhole } from './files.ts';

/** The newest by name. Older ones were checked when they were new. */
const recoveredAtMost = 50;

/**
 * Repairs logs of dead processes that end in half a line: the half is kept next to the log, and a record of it
 * continues the chain.
 */
export function recoverLogs(stateFolder: string, writer: string): void {
  const files = listFolder(auditFolders(stateFolder).logs).filter((file) => file.startsWith(`${writer}-`));
  for (const file of files.slice(-recoveredAtMost)) {
    const { name, pid } = logName.exec(file)?.groups ?? {};
    if (name === undefined || isAlive(Number(pid))) continue;
    try {
      recoverLog(stateFolder, file, name, writer);
    } catch (error) {
      // Another process is repairing it (`wx`), or the log is not writable: verify will report what is wrong.
      if (!isSystemError(error)) throw error;
    }
  }
}

function recoverLog(stateFolder: string, file: string, name: string, writer: string): void {
  const folders = auditFolders(stateFolder);
  const path = join(folders.logs, file);
  const log = openSync(path, 'r+');
  try {
    if (endsWhole(log)) return;
    const content = readFileSync(path);
    const end = content.lastIndexOf(0x0a) + 1;
    const head = headOfLines(content.subarray(0, end));
    // A broken chain is evidence for `audit verify`, not ours to repair.
    if (head === undefined) return;
    keepAside(`${path}.partial`, content.subarray(end));
    const sealed = sealRecord({ time: new Date().toISOString(), phase: 'recovered', writer }, head);
    ftruncateSync(log, end);
    writeWhole(log, Buffer.from(`${sealed.line}\n`), end);
    fdatasyncSync(log);
    moveHead(join(folders.heads, `${name}.head`), sealed.head);
  } finally {
    closeSync(log);
  }
}

function moveHead(path: string, head: ChainHead): void {
  const file = openSync(path, 'r+');
  try {
    writeHead(file, head);
    fdatasyncSync(file);
  } finally {
    closeSync(file);
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

/** @returns undefined if the lines are not a chain. */
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

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return !isSystemError(error, 'ESRCH');
  }
}
