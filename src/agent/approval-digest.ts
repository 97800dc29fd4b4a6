import { approvedBytes } from '../../servers/contract/approved-bytes.ts';
import { canonicalJson } from '../../servers/contract/canonical-json.ts';
import type { Preview } from '../../servers/contract/preview.ts';
import { sha256Hex } from '../../servers/contract/sha256.ts';
import type { Arguments } from './tools.ts';

/** What an approval is bound to: the tool, the exact arguments, the destination and every byte shown. */
export function approvalDigest(tool: string, input: Arguments, preview: Preview | undefined): string {
  return sha256Hex(canonicalJson({ tool, arguments: input, preview: preview ?? null }));
}

/** With a preview, the server compares digests. Without one, only the host's own digest is recorded. */
export function boundBytes({ preview }: { readonly preview: Preview | undefined }, digest: string): string {
  return preview === undefined ? digest : approvedBytes(preview);
}
