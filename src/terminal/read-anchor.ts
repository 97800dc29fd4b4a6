import { readFile } from 'node:fs/promises';
import * as z from 'zod';
import { isCode } from '../sessions/lock-file.ts';
import { UsageError } from './exit-codes.ts';

/** The end of each log, stored where no one who can change the logs can change it. */
export type AuditAnchor = Readonly<Record<string, { readonly sequence: number; readonly hash: string }>>;

const headsSchema = z.record(z.string(), z.strictObject({ sequence: z.int(), hash: z.string() }));
/** As printed, or as sent to a sink. */
const anchorSchema = z.union([headsSchema, z.object({ anchor: headsSchema }).transform(({ anchor }) => anchor)]);
/** A line of the log of a server that keeps its state in a database. */
const lineSchema = z.object({
  auditAnchor: z.array(z.object({ chain: z.string(), sequence: z.coerce.number().int(), hash: z.string() })),
});

/**
 * Reads an output of `audit anchor`, or the heads that servers print. Of these, the latest of each log counts.
 * @throws UsageError
 */
export async function readAnchor(path: string): Promise<AuditAnchor> {
  const fail = (reason: string): never => {
    throw new UsageError(`--anchor ${path}: ${reason}`);
  };
  let text = '';
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    fail(isCode(error, 'ENOENT') ? 'the file does not exist' : 'the file cannot be read');
  }
  const { data: printed } = anchorSchema.safeParse(parsed(text));
  if (printed !== undefined) return printed;
  const heads = text.split('\n').flatMap((line) => lineSchema.safeParse(parsed(line)).data?.auditAnchor ?? []);
  if (heads.length === 0) fail('it is not an output of `audit anchor` or the log of a server');
  const latest: Record<string, AuditAnchor[string]> = {};
  for (const { chain, sequence, hash } of heads)
    if (sequence >= (latest[chain]?.sequence ?? 0)) latest[chain] = { sequence, hash };
  return latest;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
