import * as z from 'zod';
import { failure } from './host-tools.ts';
import type { Preview, ToolOutcome, ToolSpec } from './tools.ts';

/** The host's own reading of a preview: what a server answers is checked before a person sees it. */
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

/** What a preview call answered: a refusal is a refusal of the write, and anything but a preview is never taken for one. */
export function readPreview(
  spec: ToolSpec,
  outcome: ToolOutcome,
):
  | { readonly kind: 'previewed'; readonly preview: Preview }
  | { readonly kind: 'failed'; readonly failure: ToolOutcome } {
  if (outcome.kind === 'failure') return { kind: 'failed', failure: outcome };
  const parsed = previewedSchema.safeParse(outcome.structured);
  if (parsed.success) return { kind: 'previewed', preview: parsed.data.preview };
  const message = `${spec.plainName} was asked for a preview and answered something else. Look whether it acted.`;
  return { kind: 'failed', failure: failure('outcome_unknown', message) };
}
