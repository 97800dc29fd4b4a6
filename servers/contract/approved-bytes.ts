import { createHash } from 'node:crypto';
import { canonicalJson } from './canonical-json.ts';
import type { Preview } from './preview.ts';

/**
 * What an approval binds to, hex: where it goes and every byte that would be sent. The host sends it with the call as
 * `sha256` of the approval; src/agent/digest.ts computes the same from what a person or a grant has seen.
 */
export function approvedBytes({ destination, raw }: Preview): string {
  return createHash('sha256')
    .update(canonicalJson({ destination: destination.id, raw }), 'utf8')
    .digest('hex');
}
