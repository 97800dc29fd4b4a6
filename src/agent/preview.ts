import * as z from 'zod';
import { previewSchema, type Preview } from '../../servers/contract/preview.ts';
import { failure } from './host-tools.ts';
import type { ToolOutcome, ToolSpec } from './tools.ts';

/** The host's own check of a preview: a server's answer is validated before a person sees it. */
const previewedSchema = z.object({ outcome: z.literal('preview'), preview: previewSchema });

/** The answer to a preview call. A refusal refuses the write, and any other answer is never accepted as a preview. */
export function readPreview(
  spec: ToolSpec,
  outcome: ToolOutcome,
):
  | { readonly kind: 'previewed'; readonly preview: Preview }
  | { readonly kind: 'failed'; readonly failure: ToolOutcome } {
  if (outcome.kind === 'failure') return { kind: 'failed', failure: outcome };
  const parsed = previewedSchema.safeParse(outcome.structured);
  if (parsed.success) return { kind: 'previewed', preview: parsed.data.preview };
  const message = `${spec.plainName} did not return a preview when asked for one. Check whether it made the change.`;
  return { kind: 'failed', failure: failure('outcome_unknown', message) };
}
