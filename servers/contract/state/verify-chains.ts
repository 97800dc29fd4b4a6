import type { Client } from 'pg';
import { auditRecordSchema, chainStart, checkLine, type ChainHead } from '../audit/record.ts';
import type { Anchor, VerifiedLog } from '../audit/verify.ts';
import { columnsOf } from './columns.ts';

interface Chain {
  readonly name: string;
  readonly writer: string;
  /** Undefined if only records or anchors name the chain. */
  readonly head: ChainHead | undefined;
  /** Heads that were stored since, here or elsewhere. */
  readonly anchors: readonly ChainHead[];
}

interface Row {
  readonly sequence: string;
  readonly time: Date;
  readonly tool: string | null;
  readonly actor: string | null;
  readonly session: string | null;
  readonly run: string | null;
  readonly line: string;
}

const pageSize = 2_000;

/**
 * Checks the audit chain of every replica against its hashes, its head, its anchors and those of `anchor`. It only
 * reads, and all at one moment, so that replicas may go on writing.
 */
export async function verifyChains(client: Client, anchor: Anchor = {}): Promise<readonly VerifiedLog[]> {
  await client.query('begin transaction isolation level repeatable read, read only');
  try {
    const verified: VerifiedLog[] = [];
    for (const chain of await readChains(client, anchor)) verified.push(await verifyChain(client, chain));
    return verified;
  } finally {
    await client.query('rollback');
  }
}

async function readChains(client: Client, anchor: Anchor): Promise<Chain[]> {
  const { rows } = await client.query<{
    chain: string;
    writer: string | null;
    sequence: string | null;
    hash: string | null;
  }>(
    `select chain, writer, head_sequence as sequence, head_hash as hash
     from (select chain from switchboard.audit_chain union select chain from switchboard.audit_record
           union select chain from switchboard.audit_anchor union select unnest($1::text[])) as known (chain)
     left join switchboard.audit_chain using (chain) order by chain`,
    [Object.keys(anchor)],
  );
  const stored = await client.query<{ chain: string; sequence: string; hash: string }>(
    'select chain, sequence, hash from switchboard.audit_anchor',
  );
  const anchors = new Map<string, ChainHead[]>();
  const add = (chain: string, head: ChainHead): void => void anchors.set(chain, [...(anchors.get(chain) ?? []), head]);
  for (const { chain, sequence, hash } of stored.rows) add(chain, { sequence: Number(sequence), hash });
  for (const [chain, head] of Object.entries(anchor)) add(chain, head);
  return rows.map(({ chain, writer, sequence, hash }) => ({
    name: chain,
    writer: writer ?? chain.split('-')[0] ?? chain,
    head: sequence === null || hash === null ? undefined : { sequence: Number(sequence), hash },
    anchors: anchors.get(chain) ?? [],
  }));
}

async function verifyChain(client: Client, { name, writer, head, anchors }: Chain): Promise<VerifiedLog> {
  const wanted = new Map<number, string | undefined>(anchors.map(({ sequence }) => [sequence, undefined]));
  wanted.set(0, chainStart.hash);
  let last = chainStart;
  const end = (problem?: string): VerifiedLog => ({
    name,
    writer,
    records: last.sequence,
    head: last,
    ...(problem === undefined ? { status: 'whole' } : { status: 'broken', problem: `${name}: ${problem}` }),
  });
  for (;;) {
    const { rows } = await client.query<Row>(
      `select sequence, time, tool, actor, session, run, line from switchboard.audit_record
       where chain = $1 and sequence > $2 order by sequence limit ${pageSize}`,
      [name, last.sequence],
    );
    for (const row of rows) {
      const problem = problemOf(row, last);
      if (typeof problem === 'string') return end(`record ${row.sequence}: ${problem}`);
      last = problem;
      if (wanted.has(last.sequence)) wanted.set(last.sequence, last.hash);
    }
    if (rows.length < pageSize) break;
  }
  if (head === undefined) return end('the head is missing');
  if (head.sequence < last.sequence) return end(`records after ${head.sequence} were added without the head`);
  if (head.sequence > last.sequence) return end(cut(last, head.sequence));
  for (const { sequence, hash } of [head, ...anchors]) {
    if (sequence > last.sequence) return end(cut(last, sequence));
    const found = sequence === last.sequence ? last.hash : wanted.get(sequence);
    if (found !== hash) return end(`record ${sequence} is not the one that was written`);
  }
  return end();
}

function cut({ sequence }: ChainHead, written: number): string {
  return `the log ends with record ${sequence}, but record ${written} was written: the tail was cut`;
}

/** What is wrong with a record, or the head after it. */
function problemOf(row: Row, last: ChainHead): ChainHead | string {
  const checked = checkLine(Buffer.from(row.line), last);
  if ('reason' in checked) return checked.reason;
  if (Number(row.sequence) !== checked.head.sequence) return `it is stored as record ${row.sequence}`;
  const { data: body } = auditRecordSchema.safeParse(JSON.parse(row.line));
  // A later version may have fields that this one does not know.
  if (body === undefined) return checked.head;
  const { time, tool, actor, session, run } = columnsOf(body);
  const isSame =
    row.time.getTime() === Date.parse(time) &&
    row.tool === tool &&
    row.actor === actor &&
    row.session === session &&
    row.run === run;
  return isSame ? checked.head : 'its columns differ from the record';
}
