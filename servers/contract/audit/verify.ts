import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { auditRecordSchema, chainStart, checkLine, type AuditRecord, type ChainHead } from './record.ts';
import { auditFolders, linesOf, listFolder, logName, readHead } from './files.ts';

/** One chain: the log of one process, in one or more files. */
export interface VerifiedLog {
  /** File name without part number and extension. */
  readonly name: string;
  readonly writer: string;
  readonly records: number;
  readonly status: 'whole' | 'broken';
  /** For a broken log: file, line and what is wrong. */
  readonly problem?: string;
  /** Not a break: the process died in mid-line, or kept writing in the meantime. */
  readonly note?: string;
  readonly head: ChainHead;
}

/** Heads by log name, stored where someone who can change the logs cannot change them. */
export type Anchor = Readonly<Record<string, ChainHead>>;

/** Checks every log of a state folder against its hashes, its head, and an anchor if there is one. */
export function verifyAudit(stateFolder: string, anchor: Anchor = {}): readonly VerifiedLog[] {
  const folders = auditFolders(stateFolder);
  const chains = chainsOf(listFolder(folders.logs));
  // The whole log may be missing, but its head or the anchor still names it.
  const heads = listFolder(folders.heads)
    .flatMap((file) => (file.endsWith('.head') ? [file.slice(0, -'.head'.length)] : []))
    // The process died before its first record.
    .filter((name) => readHead(stateFolder, name)?.sequence !== 0);
  for (const name of [...heads, ...Object.keys(anchor)]) if (!chains.has(name)) chains.set(name, []);
  return [...chains.keys()].toSorted().map((name) => verifyChain(stateFolder, name, chains.get(name) ?? [], anchor));
}

/** The current heads, to be stored elsewhere. */
export function currentAnchor(logs: readonly VerifiedLog[]): Anchor {
  return Object.fromEntries(logs.map(({ name, head }) => [name, head]));
}

/** The files of each chain, in order. */
function chainsOf(files: readonly string[]): Map<string, string[]> {
  const parts = files.flatMap((file) => {
    const groups = logName.exec(file)?.groups;
    return groups?.['name'] === undefined ? [] : [{ file, name: groups['name'], part: Number(groups['part'] ?? 1) }];
  });
  parts.sort((a, b) => a.part - b.part);
  const chains = new Map<string, string[]>();
  for (const { name, file } of parts) chains.set(name, [...(chains.get(name) ?? []), file]);
  return chains;
}

function verifyChain(stateFolder: string, name: string, files: readonly string[], anchor: Anchor): VerifiedLog {
  const writer = name.split('-')[0] ?? name;
  // Read the head first: a live process may keep writing, and its head must not appear to be ahead.
  const kept = readHead(stateFolder, name);
  const expected = [kept, anchor[name]].filter((head) => head !== undefined);
  const walk = walkFiles(stateFolder, files);
  const facts = { name, writer, records: walk.head.sequence, head: walk.head };
  if (walk.problem !== undefined) return { ...facts, status: 'broken', problem: walk.problem };
  const problem =
    files.length === 0
      ? `${name}: the log is missing`
      : kept === undefined
        ? `${name}: the head is missing`
        : problemOfHeads(expected, walk, files.at(-1) ?? name);
  if (problem !== undefined) return { ...facts, status: 'broken', problem };
  return { ...facts, status: 'whole', ...(walk.note !== undefined && { note: walk.note }) };
}

interface Walk {
  readonly head: ChainHead;
  readonly hashes: ReadonlyMap<number, string>;
  readonly problem?: string;
  readonly note?: string;
}

function walkFiles(stateFolder: string, files: readonly string[]): Walk {
  let head = chainStart;
  const hashes = new Map<number, string>([[0, chainStart.hash]]);
  for (const [index, file] of files.entries()) {
    const content = readFileSync(join(auditFolders(stateFolder).logs, file));
    let line = 0;
    for (const bytes of linesOf(content)) {
      line += 1;
      const checked = checkLine(bytes, head);
      if ('reason' in checked) return { head, hashes, problem: `${file}, line ${line}: ${checked.reason}` };
      head = checked.head;
      hashes.set(head.sequence, head.hash);
    }
    if (content.length === 0 || content.at(-1) === 0x0a) continue;
    if (index < files.length - 1) return { head, hashes, problem: `${file}, line ${line + 1}: the line is cut` };
    return { head, hashes, note: `${file}, line ${line + 1}: the process died while writing this line` };
  }
  return { head, hashes };
}

/** If the log ends before the head, its tail was cut. If the record at the head differs, the log was rewritten. */
function problemOfHeads(expected: readonly ChainHead[], { head, hashes }: Walk, file: string): string | undefined {
  for (const { sequence, hash } of expected) {
    const found = hashes.get(sequence);
    if (found === undefined)
      return `${file}: the log ends with record ${head.sequence}, but record ${sequence} was written: the tail was cut`;
    if (found !== hash) return `${file}: record ${sequence} is not the one that was written`;
  }
  return undefined;
}

export interface AuditFilter {
  readonly session?: string | undefined;
  readonly tool?: string | undefined;
  /** UTC, ISO 8601: only records from this time on. */
  readonly since?: string | undefined;
}

/** Records of all logs, ordered by time. Invalid lines are skipped; verifyAudit reports them. */
export function readAudit(stateFolder: string, filter: AuditFilter = {}): AuditRecord[] {
  const { logs } = auditFolders(stateFolder);
  const records = listFolder(logs)
    .filter((file) => logName.test(file))
    .flatMap((file) => [...linesOf(readFileSync(join(logs, file)))].flatMap((line) => parseRecord(line)))
    .filter((record) => matches(record, filter));
  return records.toSorted((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : a.sequence - b.sequence));
}

function parseRecord(line: Buffer): AuditRecord[] {
  try {
    const parsed = auditRecordSchema.safeParse(JSON.parse(line.toString('utf8')));
    return parsed.success ? [parsed.data] : [];
  } catch {
    return [];
  }
}

function matches(record: AuditRecord, { session, tool, since }: AuditFilter): boolean {
  return (
    (session === undefined || record.session === session) &&
    (tool === undefined || record.tool === tool) &&
    (since === undefined || record.time >= since)
  );
}
