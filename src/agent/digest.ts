import { createHash } from 'node:crypto';
import type { Arguments, Preview } from './tools.ts';

/** JSON with sorted keys, so that equal values give equal text. Leaves out `undefined` members. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(sortKeys(value)) ?? 'null';
}

function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value).filter(([, inner]) => inner !== undefined);
  entries.sort(([a], [b]) => (a < b ? -1 : 1));
  // Not an object literal: a key named __proto__ must stay a key.
  return Object.fromEntries(entries.map(([key, inner]) => [key, sortKeys(inner)]));
}

/** Lower-case hex. */
export function sha256Hex(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}

/** What an approval is bound to: the tool, the exact arguments, the destination and every byte shown. */
export function approvalDigest(tool: string, input: Arguments, preview: Preview | undefined): string {
  return sha256Hex(canonicalJson({ tool, arguments: input, preview: preview ?? null }));
}

/** Destination and bytes, which the server checks again on the call (servers/contract/approved-bytes.ts). */
export function approvedBytes({ destination, raw }: Preview): string {
  return sha256Hex(canonicalJson({ destination: destination.id, raw }));
}
