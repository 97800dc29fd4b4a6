import { hash } from 'node:crypto';
import * as z from 'zod';
import { canonicalJson } from '../canonical-json.ts';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

/**
 * One phase of one call. The intent of a write is on disk before anything is sent. `refused`: it never got as far
 * as being done. `recovered`: the writer before died in the middle of a line; that line is beside the log.
 */
export const auditBodySchema = z.strictObject({
  /** UTC, ISO 8601 with milliseconds. */
  time: z.string(),
  phase: z.enum(['intent', 'result', 'refused', 'recovered']),
  /** Of a result: the sequence of its intent. */
  intent: z.int().optional(),
  /** `host`, `postgres`, `jira`, `slack`. */
  writer: z.string(),
  /** Whose tool it is; of the host's records also a third party's server. */
  server: z.string().optional(),
  tool: z.string().optional(),
  risk: z.enum(['read', 'write', 'destructive']).optional(),
  /** Described only; nothing was to change. */
  preview: z.literal(true).optional(),
  actor: z.string().optional(),
  session: z.string().optional(),
  run: z.string().optional(),
  callId: z.string().optional(),
  idempotencyKey: z.string().optional(),
  /** Secrets masked, long texts cut. */
  arguments: z.record(z.string(), z.unknown()).optional(),
  /** Of the canonical JSON of the whole arguments. */
  argumentsSha256: sha256.optional(),
  policy: z
    .strictObject({
      decision: z.enum(['allow', 'ask', 'deny']),
      by: z.string(),
      rule: z.string().optional(),
      reasons: z.array(z.string()).optional(),
    })
    .optional(),
  /** `sha256` of the bytes that the person was shown. */
  approval: z.strictObject({ id: z.string(), decision: z.string(), sha256: z.string().optional() }).optional(),
  /** What untrusted text the run had read by then. */
  taint: z.array(z.string()).optional(),
  outcome: z.enum(['ok', 'replayed', 'failed', 'denied', 'cancelled', 'unknown']).optional(),
  errorCode: z.string().optional(),
  /** HTTP status or SQLSTATE, where upstream gave one. */
  upstreamStatus: z.union([z.int(), z.string()]).optional(),
  /** What it made or changed upstream: an issue key, a message's time stamp. */
  objectId: z.string().optional(),
  rows: z.int().optional(),
  /** Of the canonical JSON of the structured result. */
  resultSha256: sha256.optional(),
  durationMs: z.number().optional(),
});

export const auditRecordSchema = auditBodySchema.extend({
  /** From 1, without gaps, through all files of one writer process. */
  sequence: z.int().min(1),
  previousHash: sha256,
  hash: sha256,
});

export type AuditBody = z.infer<typeof auditBodySchema>;
export type AuditRecord = z.infer<typeof auditRecordSchema>;

/** Where a chain has come to. */
export interface ChainHead {
  readonly sequence: number;
  readonly hash: string;
}

/** Before the first record. */
export const chainStart: ChainHead = { sequence: 0, hash: '0'.repeat(64) };

const hashField = /,"hash":"([0-9a-f]{64})"\}$/;
const hashFieldLength = ',"hash":""}'.length + 64;

/**
 * The next line of a chain, without its line end. Its hash covers the bytes of the line before the hash itself, and with
 * them the previous hash: no second reading of the same record can have another hash.
 */
export function sealRecord(body: AuditBody, head: ChainHead): { line: string; head: ChainHead } {
  const sequence = head.sequence + 1;
  const open = canonicalJson({ ...body, sequence, previousHash: head.hash }).slice(0, -1);
  const hash = sha256Hex(open);
  return { line: `${open},"hash":"${hash}"}`, head: { sequence, hash } };
}

const chainFields = z.object({ sequence: z.number(), previousHash: z.string() });

/** Whether a line is the one that follows `head`. */
export function checkLine(line: Buffer, head: ChainHead): { head: ChainHead } | { reason: string } {
  const tail = line.subarray(-hashFieldLength).toString('latin1');
  const hash = hashField.exec(tail)?.[1];
  if (hash === undefined) return { reason: 'it is no audit record' };
  if (sha256Hex(line.subarray(0, -hashFieldLength)) !== hash) return { reason: 'its hash does not match its content' };
  const fields = readFields(line);
  if (fields === undefined) return { reason: 'it is no JSON object with sequence and previousHash' };
  if (fields.sequence !== head.sequence + 1)
    return { reason: `its sequence is ${fields.sequence}, and ${head.sequence + 1} is due` };
  if (fields.previousHash !== head.hash) return { reason: 'it does not follow the record before it' };
  return { head: { sequence: fields.sequence, hash } };
}

function readFields(line: Buffer): z.infer<typeof chainFields> | undefined {
  try {
    return chainFields.safeParse(JSON.parse(line.toString('utf8'))).data;
  } catch {
    return undefined;
  }
}

/** The head in which the first record of a file says that it continues; undefined where that cannot be read. */
export function headBefore(line: Buffer): ChainHead | undefined {
  const fields = readFields(line);
  return fields === undefined ? undefined : { sequence: fields.sequence - 1, hash: fields.previousHash };
}

export function sha256Hex(data: string | Buffer): string {
  return hash('sha256', data);
}
