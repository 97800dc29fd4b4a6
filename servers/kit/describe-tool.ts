import * as z from 'zod';
import { metaKeys } from '../contract/meta.ts';
import { outcomeSchema } from '../contract/preview.ts';
import type { Risk, Tool } from './define-tool.ts';

/** One entry of `tools/list`. */
export interface ToolDescription {
  [key: string]: unknown;
  name: string;
  title: string;
  description: string;
  inputSchema: { type: 'object'; [key: string]: unknown };
  outputSchema: { type: 'object'; [key: string]: unknown };
  annotations: {
    readOnlyHint: boolean;
    destructiveHint?: boolean;
  };
  _meta?: Record<string, unknown>;
}

export function describeTool<Connection>(tool: Tool<Connection>): ToolDescription {
  return {
    name: tool.name,
    title: tool.title,
    description: tool.description,
    inputSchema: inputSchema(tool.input),
    outputSchema: outputSchema(tool.risk === 'read' ? tool.output : withPreview(tool.output)),
    annotations: annotationsOf(tool.risk),
    ...(tool.risk !== 'read' && { _meta: { [metaKeys.preview]: true, [metaKeys.idempotent]: true } }),
  };
}

/**
 * The only place that maps a risk to the hints of the MCP specification. The other hints have the right defaults (open
 * world, not idempotent) and mean nothing for reads.
 */
function annotationsOf(risk: Risk): ToolDescription['annotations'] {
  return risk === 'read' ? { readOnlyHint: true } : { readOnlyHint: false, destructiveHint: risk === 'destructive' };
}

/** A preview returns none of the tool's own fields. */
function withPreview(output: z.ZodObject): z.ZodObject {
  return output.extend({ outcome: outcomeSchema, preview: z.looseObject({}).optional() });
}

/**
 * JSON Schema of the arguments without every limit: clients pay for it on every turn, and an error names the limit that
 * was broken (unknown arguments are also refused by name).
 */
function inputSchema(schema: z.ZodObject): ToolDescription['inputSchema'] {
  const json = z.toJSONSchema(schema, {
    io: 'input',
    override: ({ jsonSchema }) => {
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
      if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER || jsonSchema.minimum === 1) delete jsonSchema.minimum;
      if (jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties;
      delete jsonSchema.minLength;
      delete jsonSchema.maxLength;
      delete jsonSchema.maxItems;
      delete jsonSchema.pattern;
    },
  });
  const { $schema: _, type: __, ...rest } = json;
  return { type: 'object', ...rest };
}

/**
 * The top-level fields of a result with their types. None is required: clients validate errors and previews against the
 * same schema (the SDK's own client rejects an error that does not match).
 */
function outputSchema(schema: z.ZodObject): ToolDescription['outputSchema'] {
  const { properties = {} } = z.toJSONSchema(schema, { io: 'output' });
  const fields = Object.entries(properties).map(([name, property]) => {
    const type = typeof property === 'boolean' ? undefined : property.type;
    return [name, type === undefined ? {} : { type }];
  });
  return { type: 'object', properties: Object.fromEntries(fields) };
}
