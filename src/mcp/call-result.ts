import * as z from 'zod';
import { toolErrorSchema } from '../../servers/contract/errors.ts';
import type { ToolFailure, ToolOutcome } from '../agent/tools.ts';
import { isDeeper } from './nesting.ts';

const contentSchema = z.union([
  z.object({ type: z.literal('text'), text: z.string() }),
  z.object({ type: z.literal('image'), mimeType: z.string(), data: z.string() }),
  z.object({ type: z.literal('audio'), mimeType: z.string(), data: z.string() }),
  z.object({ type: z.literal('resource_link'), uri: z.string(), name: z.string().optional() }),
  z.object({
    type: z.literal('resource'),
    resource: z.object({ uri: z.string(), text: z.string().optional(), mimeType: z.string().optional() }),
  }),
  z.looseObject({ type: z.string() }).transform(({ type }) => ({ type: 'other' as const, kind: type })),
]);

/**
 * The `result` of `tools/call`. Kept wide: a write that was done must not turn into an error because its answer holds a
 * kind of content that we do not know.
 */
export const callResultSchema = z.object({
  content: z.array(contentSchema).default([]),
  structuredContent: z.record(z.string(), z.unknown()).optional(),
  isError: z.boolean().optional(),
});

type CallResult = z.infer<typeof callResultSchema>;

const deepest = 64;

/** @param trusted a server of ours, whose results are known to be no deeper than they need be. */
export function toOutcome(result: CallResult, trusted: boolean): ToolOutcome {
  if (!trusted && isDeeper(result.structuredContent, deepest)) {
    const text = textOf({ ...result, structuredContent: undefined });
    const note = `[its structured content is nested deeper than ${deepest} levels: left out]`;
    return toOutcome({ content: [{ type: 'text', text: `${text}\n${note}` }], isError: result.isError }, true);
  }
  const text = textOf(result);
  if (result.isError !== true) return { kind: 'result', text, structured: result.structuredContent };
  const described = toolErrorSchema.safeParse(result.structuredContent?.['error']);
  if (described.success) return { kind: 'failure', text, failure: described.data };
  const message = text === '' ? 'The tool failed and did not say why.' : text.slice(0, 2000);
  return failureOutcome({ code: 'upstream_error', message, retryable: false });
}

export function failureOutcome(failure: ToolFailure): ToolOutcome {
  const hint = failure.hint === undefined ? '' : `\nHint: ${failure.hint}`;
  return { kind: 'failure', text: `${failure.code}: ${failure.message}${hint}`, failure };
}

function textOf(result: CallResult): string {
  return result.content.length === 0 && result.structuredContent !== undefined
    ? JSON.stringify(result.structuredContent)
    : result.content.map(describeContent).join('\n');
}

function describeContent(content: CallResult['content'][number]): string {
  switch (content.type) {
    case 'text':
      return content.text;
    case 'image':
    case 'audio':
      return `[${content.type}, ${content.mimeType}, ${Math.ceil((content.data.length * 3) / 4 / 1024)} KB: not shown]`;
    case 'resource_link':
      return content.name === undefined ? content.uri : `${content.name}: ${content.uri}`;
    case 'resource':
      return content.resource.text ?? `[${content.resource.uri}, ${content.resource.mimeType ?? 'binary'}: not shown]`;
    case 'other':
      return `[content of the kind '${content.kind}': not shown]`;
  }
}
