import * as z from 'zod';
import { failure } from './host-tools.ts';
import type { Preview, ToolOutcome, ToolSpec } from './tools.ts';

/** The host's own check of a preview: a server's answer is validated before a person sees it. */
const previewedSchema = z.object({
  outcome: z.literal('preview'),
  preview: z.object({
    title: z.string(),
    destination: z.object({ id: z.string(), name: z.string(), audience: z.string().optional() }),
    body: z.string(),
    raw: z.string(),
    fields: z.array(z.object({ label: z.string(), value: z.string(), argument: z.string().optional() })),
    warnings: z.array(z.string()),
    duplicates: z.array(
      z.object({ id: z.string(), title: z.string(), url: z.string().optional(), reason: z.string() }),
    ),
    linkHosts: z.array(z.string()),
    mentions: z.array(z.string()),
    personalData: z.array(z.string()).optional(),
  }),
});

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
