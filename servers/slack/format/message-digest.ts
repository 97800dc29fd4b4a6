import { canonicalJson } from '../../contract/canonical-json.ts';
import { sha256Hex } from '../../contract/sha256.ts';
import type { ReadMessage } from './message-to-text.ts';

/** What a message is recognised by later. Slack adds ids to blocks, which change with every edit. */
export function digestOfMessage({ text, blocks }: Pick<ReadMessage, 'text' | 'blocks'>): string {
  return sha256Hex(canonicalJson({ text, blocks: withoutIds(blocks) })).slice(0, 32);
}

/** Blocks as they were sent. */
export function withoutIds(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutIds);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, inner]) => (key === 'block_id' ? [] : [[key, withoutIds(inner)]])),
  );
}
