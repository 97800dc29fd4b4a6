import { canonicalJson } from './canonical-json.ts';
import { sha256Hex } from './sha256.ts';

const prefix = 'occasion:';

/**
 * The idempotency key of a write that belongs to an occasion: a scheduled time, an incident. A second attempt words it
 * differently, so the arguments are not part of it.
 * @param ordinal which of the tool's writes in the run it is, from 1.
 */
export function occasionKey(occasion: string, tool: string, ordinal: number): string {
  return prefix + sha256Hex(canonicalJson({ occasion, tool, ordinal }));
}

/** Whether other arguments under this key are another attempt at the same write. */
export function isOccasionKey(key: string): boolean {
  return key.startsWith(prefix);
}
