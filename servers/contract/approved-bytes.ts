import { canonicalJson } from './canonical-json.ts';
import type { Preview } from './preview.ts';
import { sha256Hex } from './sha256.ts';

/**
 * What an approval is bound to, in hex: the destination and every byte that would be sent. The host computes it from
 * what a person or a grant saw and sends it with the call as the approval's `sha256`. The server computes it again.
 */
export function approvedBytes({ destination, raw }: Preview): string {
  return sha256Hex(canonicalJson({ destination: destination.id, raw }));
}
