import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { chainStart, sealRecord, type AuditBody, type ChainHead } from '../../contract/audit/record.ts';
import { columnsOf } from '../../contract/state/columns.ts';
import type { AuditSink } from '../audit.ts';
import { ToolError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { StateDatabase } from './database.ts';

/** The same delay as for reads in files. */
const gatherMs = 10;
const retryMs = 1_000;
const maxBatch = 500;
/** How much is buffered while the database is unavailable, before calls are rejected: 500 calls a second for a minute. */
const maxWaiting = 60_000;
const maxAwayMs = 60_000;

interface Sealed {
  readonly body: AuditBody;
  readonly line: string;
  readonly head: ChainHead;
}

interface Waiter {
  readonly sequence: number;
  readonly resolve: (sequence: number) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * One chain for each process, as in files: a single chain of all replicas would be a queue for them. A record that was
 * sealed keeps its place and its bytes until the database has it, so that sending it again changes nothing.
 */
export class SharedAudit implements AuditSink {
  readonly #database: StateDatabase;
  readonly #writer: string;
  readonly #log: Log;
  readonly #chain: string;
  #head = chainStart;
  #fresh: (() => AuditBody)[] = [];
  readonly #sealed: Sealed[] = [];
  #waiters: Waiter[] = [];
  #isStarted = false;
  #awaySince: number | undefined;
  #isScheduled = false;
  #flushing: Promise<void> | undefined;

  constructor(database: StateDatabase, writer: string, log: Log) {
    this.#database = database;
    this.#writer = writer;
    this.#log = log;
    const time = new Date().toISOString().replaceAll(/[-:.]/gu, '');
    this.#chain = `${writer}-${time}-${randomBytes(6).toString('hex')}`;
  }

  append(make: () => AuditBody, durable: boolean): number | Promise<number> {
    const isAwayTooLong = this.#awaySince !== undefined && performance.now() - this.#awaySince > maxAwayMs;
    if (isAwayTooLong || this.waiting >= maxWaiting)
      throw new ToolError('unreachable', 'The state database has been away for too long. Nothing was done.');
    const sequence = this.#head.sequence + this.#fresh.push(make);
    if (!durable) {
      this.#schedule(gatherMs);
      return sequence;
    }
    return new Promise((resolve, reject) => {
      this.#waiters.push({ sequence, resolve, reject });
      void this.#flush();
    });
  }

  get waiting(): number {
    return this.#sealed.length + this.#fresh.length;
  }

  async close(): Promise<void> {
    await this.#flush();
    await this.#flush(); // what arrived while the first was in progress
  }

  #schedule(ms: number): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setTimeout(() => {
      this.#isScheduled = false;
      void this.#flush();
    }, ms).unref();
  }

  /** One at a time, because the chain's order is the order of its records. */
  #flush(): Promise<void> {
    this.#flushing ??= this.#tryToWrite().finally(() => {
      this.#flushing = undefined;
      if (this.#fresh.length > 0) this.#schedule(gatherMs);
    });
    return this.#flushing;
  }

  async #tryToWrite(): Promise<void> {
    try {
      await this.#writeAll();
      this.#awaySince = undefined;
    } catch (error) {
      this.#awaySince ??= performance.now();
      this.#log('error', 'cannot write the audit log', { waiting: this.#sealed.length, error: String(error) });
      for (const { reject } of this.#waiters) reject(error);
      this.#waiters = [];
      this.#schedule(retryMs);
    }
  }

  async #writeAll(): Promise<void> {
    for (this.#seal(); this.#sealed.length > 0; this.#seal()) {
      const batch = this.#sealed.slice(0, maxBatch);
      if (!this.#isStarted) await startChain(this.#database, this.#chain, this.#writer);
      this.#isStarted = true;
      await writeBatch(this.#database, this.#chain, batch);
      this.#sealed.splice(0, batch.length);
      const done = batch.at(-1)?.head.sequence ?? 0;
      for (const { sequence, resolve } of this.#waiters) if (sequence <= done) resolve(sequence);
      this.#waiters = this.#waiters.filter(({ sequence }) => sequence > done);
    }
  }

  #seal(): void {
    for (const make of this.#fresh) {
      const body = make();
      const { line, head } = sealRecord(body, this.#head);
      this.#head = head;
      this.#sealed.push({ body, line, head });
    }
    this.#fresh = [];
  }
}

async function startChain(database: StateDatabase, chain: string, writer: string): Promise<void> {
  await database.query(
    `insert into switchboard.audit_chain (chain, writer, replica, head_hash) values ($1, $2, $3, $4)
     on conflict (chain) do nothing`,
    [chain, writer, `${hostname()} ${process.pid}`, chainStart.hash],
  );
}

/** Records and head in one statement, so that a truncated tail is detected. */
async function writeBatch(database: StateDatabase, chain: string, batch: readonly Sealed[]): Promise<void> {
  const rows = batch.map(({ body, line, head }) => ({
    sequence: head.sequence,
    ...columnsOf(body),
    line,
  }));
  const last = batch.at(-1)?.head ?? chainStart;
  await database.query(
    `with moved as (
       update switchboard.audit_chain set head_sequence = $3, head_hash = $4 where chain = $1 and head_sequence < $3)
     insert into switchboard.audit_record (chain, sequence, time, tool, actor, session, run, line)
     select $1, sequence, time, tool, actor, session, run, line
     from jsonb_to_recordset($2::jsonb)
       as r(sequence bigint, time timestamptz, tool text, actor text, session text, run text, line text)
     on conflict (chain, sequence) do nothing`,
    [chain, JSON.stringify(rows), last.sequence, last.hash],
  );
}
