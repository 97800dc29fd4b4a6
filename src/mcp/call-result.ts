import * as z from 'zod';
import { toolErrorSchema } from '../../servers/contract/errors.ts';
import type { Image, ToolFailure, ToolOutcome } from '../agent/tools.ts';
import { isDeeper } from './nesting.ts';
import { readImage } from './read-image.ts';

const deepest = 64;

const contentSchema = z.union([
  z.object({ type: z.literal('text'), text: z.string() }),
  z.object({ type: z.literal('image'), mimeType: z.string(), data: z.string() }),
  z.object({ type: z.literal('audio'), mimeType: z.string(), data: z.string() }),
  z.object({ type: z.literal('resource_link'), uri: z.string(), name: z.string().optional() }),
  z.object({
    type: z.literal('resource'),
    resource: z.object({
      uri: z.string(),
      text: z.string().optional(),
      blob: z.string().optional(),
      mimeType: z.string().optional(),
    }),
  }),
  z.looseObject({ type: z.string() }).transform(({ type }) => ({ type: 'other' as const, kind: type })),
]);

/**
 * The `result` of `tools/call`. The schema is lenient: a completed write must not become an error because its response
 * contains an unknown kind of content.
 */
const rawResultSchema = z.object({
  content: z.array(contentSchema).nullish(),
  structuredContent: z.unknown().optional(),
  isError: z.boolean().nullish(),
});

export const callResultSchema = rawResultSchema.transform(({ content, structuredContent, isError }) => ({
  content: [...(content ?? []), ...shownAsText(content ?? [], structuredContent)],
  structuredContent: z.record(z.string(), z.unknown()).safeParse(structuredContent).data,
  isError: isError ?? undefined,
}));

/** Since 2026-07-28 it can be any JSON. What is not an object is shown, if the text does not say it already. */
function shownAsText(content: readonly unknown[], structured: unknown): readonly { type: 'text'; text: string }[] {
  const isObject = typeof structured === 'object' && !Array.isArray(structured);
  if (content.length > 0 || structured === undefined || isObject) return [];
  return isDeeper(structured, deepest) ? [] : [{ type: 'text', text: JSON.stringify(structured) }];
}

type CallResult = z.infer<typeof callResultSchema>;

/** @param trusted one of our own servers, whose results are never nested too deeply. */
export function toOutcome(result: CallResult, trusted: boolean): ToolOutcome {
  if (!trusted && isDeeper(result.structuredContent, deepest)) {
    const text = textOf({ ...result, structuredContent: undefined });
    const note = `[its structured content is nested deeper than ${deepest} levels: left out]`;
    return toOutcome(
      { content: [{ type: 'text', text: `${text}\n${note}` }], structuredContent: undefined, isError: result.isError },
      true,
    );
  }
  const text = textOf(result);
  if (result.isError !== true) {
    const images = imagesOf(result);
    return {
      kind: 'result',
      text,
      structured: result.structuredContent,
      ...(images.length > 0 && { images }),
    };
  }
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

/** More or larger images cost more tokens than they are worth. The API accepts 5 MB each. */
const maxImages = 8;
const maxImageLength = 2_000_000;

function imagesOf({ content }: CallResult): readonly Image[] {
  const images = content.flatMap((each) => {
    if (each.type === 'image') return imageOf(each.mimeType, each.data) ?? [];
    if (each.type !== 'resource' || each.resource.blob === undefined) return [];
    return imageOf(each.resource.mimeType ?? '', each.resource.blob) ?? [];
  });
  return images.slice(0, maxImages);
}

function imageOf(mimeType: string, data: string): Image | undefined {
  return /^image\//i.test(mimeType) && data.length <= maxImageLength ? readImage(data) : undefined;
}

/** @param what `image`, `audio`, or the address of a resource. */
function describeBinary(what: string, mimeType: string, data: string): string {
  const size = `${Math.ceil((data.length * 3) / 4 / 1024)} KB`;
  if (imageOf(mimeType, data) !== undefined) return `[${what}, ${mimeType}, ${size}]`;
  const why = data.length > maxImageLength ? 'too large to show' : 'not shown';
  return `[${what}, ${mimeType}, ${size}: ${why}]`;
}

function describeContent(content: CallResult['content'][number]): string {
  switch (content.type) {
    case 'text':
      return content.text;
    case 'image':
    case 'audio':
      return describeBinary(content.type, content.mimeType, content.data);
    case 'resource_link':
      return content.name === undefined ? content.uri : `${content.name}: ${content.uri}`;
    case 'resource':
      return (
        content.resource.text ??
        describeBinary(content.resource.uri, content.resource.mimeType ?? 'binary', content.resource.blob ?? '')
      );
    case 'other':
      return `[content of the kind '${content.kind}': not shown]`;
  }
}
