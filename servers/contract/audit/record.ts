import * as z from 'zod';
import { canonicalJson } from '../canonical-json.ts';
import { sha256Hex } from '../sha256.ts';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

/**
 * One phase of one call. The intent of a write is on disk before anything is sent. `refused`: the call never ran.
 * `recovered`: the previous writer died in the middle of a line, which is kept next to the log.
 */
export const auditBodySchema = z.strictObject({
  /** UTC, ISO 8601 with milliseconds. */
  time: z.string(),
  phase: z.enum(['intent', 'result', 'refused', 'recovered']),
  /** For a result: the sequence of its intent. */
  intent: z.int().optional(),
  /** `host`, `postgres`, `jira`, `slack`. */
  writer: z.string(),
  /** The tool's server; in the host's records possibly a third party's. */
  server: z.string().optional(),
  tool: z.string().optional(),
  risk: z.enum(['read', 'write', 'destructive']).optional(),
  /** Preview only; nothing was to change. */
  preview: z.literal(true).optional(),
  /** Over HTTP the verified caller, in readable form; otherwise whom the host names. */
  actor: z.string().optional(),
  /** Over HTTP: issuer and subject of the caller's token. */
  subject: z.string().optional(),
  /** Over HTTP: whom the caller's host names, unverified. */
  claimedActor: z.string().optional(),
  session: z.string().optional(),
  run: z.string().optional(),
  callId: z.string().optional(),
  idempotencyKey: z.string().optional(),
  /** Secrets masked, long texts cut. */
  arguments: z.record(z.string(), z.unknown()).optional(),
  /** Hash of the canonical JSON of the full arguments. */
  argumentsSha256: sha256.optional(),
  policy: z
    .strictObject({
      decision: z.enum(['allow', 'ask', 'deny']),
      by: z.string(),
      rule: z.string().optional(),
      reasons: z.array(z.string()).optional(),
    })
    .optional(),
  /** `sha256` of the bytes that the person was shown. `by` and `from`: who answered, if not the person at this desk. */
  approval: z
    .strictObject({
      id: z.string(),
      decision: z.string(),
      sha256: z.string().optional(),
      by: z.string().optional(),
      from: z.string().optional(),
    })
    .optional(),
  /** The untrusted text that the run had read by then. */
  taint: z.array(z.string()).optional(),
  outcome: z.enum(['ok', 'replayed', 'failed', 'denied', 'cancelled', 'unknown']).optional(),
  errorCode: z.string().optional(),
  /** HTTP status or SQLSTATE, if upstream gave one. */
  upstreamStatus: z.union([z.int(), z.string()]).optional(),
  /** What it created or changed upstream: an issue key, a message timestamp. */
  objectId: z.string().optional(),
  rows: z.int().optional(),
  /** Hash of the canonical JSON of the structured result. */
  resultSha256: sha256.optional(),
  durationMs: z.number().optional(),
});

export const auditRecordSchema = auditBodySchema.extend({
  /** Starts at 1, without gaps, across all files of one writer process. */
  sequence: z.int().min(1),
  previousHash: sha256,
  hash: sha256,
});

export type AuditBody = z.infer<typeof auditBodySchema>;
export type AuditRecord = z.infer<typeof auditRecordSchema>;

/** The current end of a chain. */
export interface ChainHead {
  readonly sequence: number;
  readonly hash: string;
}

/** Before the first record. */
export const chainStart: ChainHead = { sequence: 0, hash: '0'.repeat(64) };

const hashField = /,"hash":"([0-9a-f]{64})"\}$/;
const hashFieldLength = ',"hash":""}'.length + 64;

/**
 * The next line of a chain, without a line ending. Its hash covers the bytes of the line up to the hash itself,
 * including the previous hash, so a record has exactly one valid hash.
 */
export function sealRecord(body: AuditBody, head: ChainHead): { line: string; head: ChainHead } {
  const sequence = head.sequence + 1;
  const open = canonicalJson({ ...body, sequence, previousHash: head.hash }).slice(0, -1);
  const hash = sha256Hex(open);
  return { line: `${open},"hash":"${hash}"}`, head: { sequence, hash } };
}

const chainFields = z.object({ sequence: z.number(), previousHash: z.string() });

/** Whether a line follows `head`. */
export function checkLine(line: Buffer, head: ChainHead): { head: ChainHead } | { reason: string } {
  const tail = line.subarray(-hashFieldLength).toString('latin1');
  const hash = hashField.exec(tail)?.[1];
  if (hash === undefined) return { reason: 'not an audit record' };
  if (sha256Hex(line.subarray(0, -hashFieldLength)) !== hash) return { reason: 'the hash does not match the content' };
  const fields = readFields(line);
  if (fields === undefined) return { reason: 'not a JSON object with sequence and previousHash' };
  if (fields.sequence !== head.sequence + 1)
    return { reason: `the sequence is ${fields.sequence} instead of ${head.sequence + 1}` };
  if (fields.previousHash !== head.hash) return { reason: 'it does not follow the previous record' };
  return { head: { sequence: fields.sequence, hash } };
}

function readFields(line: Buffer): z.infer<typeof chainFields> | undefined {
  try {
    return chainFields.safeParse(JSON.parse(line.toString('utf8'))).data;
  } catch {
    return undefined;
  }
}

/** The head that the first record of a file continues from; undefined if it cannot be read. */
export function headBefore(line: Buffer): ChainHead | undefined {
  const fields = readFields(line);
  return fields === undefined ? undefined : { sequence: fields.sequence - 1, hash: fields.previousHash };
}
