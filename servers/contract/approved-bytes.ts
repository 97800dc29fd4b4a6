import { createHash } from 'node:crypto';
import { canonicalJson } from './canonical-json.ts';
import type { Preview } from './preview.ts';

/**
 * What an approval binds to, in hex: the destination and every byte that would be sent. The host sends it with the call
 * as the approval's `sha256`; src/agent/digest.ts computes the same from what a person or a grant saw.
 */
export function approvedBytes({ destination, raw }: Preview): string {
  return createHash('sha256')
    .update(canonicalJson({ destination: destination.id, raw }), 'utf8')
    .digest('hex');
}
