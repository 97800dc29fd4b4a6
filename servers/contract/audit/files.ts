import { readdirSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import type { ChainHead } from './record.ts';

/** The audit logs of a state folder, and separately the head of each. */
export function auditFolders(stateFolder: string): { logs: string; heads: string } {
  return { logs: join(stateFolder, 'audit'), heads: join(stateFolder, 'audit-heads') };
}

export const logName =
  /^(?<name>(?<writer>[a-z][a-z0-9]*)-\d{8}T\d{9}Z-(?<pid>\d+)-[0-9a-f]{6})(?:\.(?<part>\d+))?\.jsonl$/;

/** The head is rewritten in place, so its length never changes. */
const headLength = 256;
const headSchema = z.object({ sequence: z.int(), hash: z.string() });

/** @returns undefined if it is missing or unreadable. */
export function readHead(stateFolder: string, name: string): ChainHead | undefined {
  try {
    const text = readFileSync(join(auditFolders(stateFolder).heads, `${name}.head`), 'utf8');
    return headSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/** Written after the log: it may lag behind but is never ahead. */
export function writeHead(file: number, head: ChainHead): void {
  const text = JSON.stringify({ sequence: head.sequence, hash: head.hash }).padEnd(headLength - 1);
  writeWhole(file, Buffer.from(`${text}\n`), 0);
}

export function writeWhole(file: number, data: Buffer, position: number): void {
  let written = 0;
  while (written < data.length) written += writeSync(file, data, written, data.length - written, position + written);
}

/** Complete lines, without line endings. */
export function* linesOf(content: Buffer): Generator<Buffer> {
  let start = 0;
  for (let end = content.indexOf(0x0a); end >= 0; end = content.indexOf(0x0a, start)) {
    yield content.subarray(start, end);
    start = end + 1;
  }
}

/** Sorted names; empty if the folder does not exist. */
export function listFolder(folder: string): string[] {
  try {
    return readdirSync(folder).toSorted();
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return [];
    throw error;
  }
}

export function isSystemError(error: unknown, code?: string): boolean {
  return error instanceof Error && 'code' in error && (code === undefined || error.code === code);
}
