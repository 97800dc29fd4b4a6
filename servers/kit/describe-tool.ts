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
    title: string;
    readOnlyHint: boolean;
    destructiveHint: boolean;
    idempotentHint: boolean;
    openWorldHint: boolean;
  };
  _meta?: Record<string, unknown>;
}

export function describeTool<Connection>(tool: Tool<Connection>): ToolDescription {
  return {
    name: tool.name,
    title: tool.title,
    description: tool.description,
    inputSchema: objectSchema(tool.input, 'input'),
    outputSchema: objectSchema(tool.risk === 'read' ? tool.output : withPreview(tool.output), 'output'),
    annotations: annotationsOf(tool.title, tool.risk),
    ...(tool.risk !== 'read' && { _meta: { [metaKeys.preview]: true, [metaKeys.idempotent]: true } }),
  };
}

/** The one place where a risk becomes the hints of the MCP specification. */
function annotationsOf(title: string, risk: Risk): ToolDescription['annotations'] {
  return {
    title,
    readOnlyHint: risk === 'read',
    destructiveHint: risk === 'destructive',
    idempotentHint: risk === 'read',
    openWorldHint: true,
  };
}

/** A preview answers with none of the tool's own fields. */
function withPreview(output: z.ZodObject): z.ZodObject {
  return output.extend({ outcome: outcomeSchema, preview: z.looseObject({}).optional() });
}

/**
 * JSON Schema without what costs tokens and says nothing. Of an output nothing is required: clients hold errors and
 * previews against the same schema (the SDK's own client refuses an error that does not match).
 */
function objectSchema(schema: z.ZodObject, io: 'input' | 'output'): { type: 'object'; [key: string]: unknown } {
  const json = z.toJSONSchema(schema, {
    io,
    override: ({ jsonSchema }) => {
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
      if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
      if (io === 'output') delete jsonSchema.additionalProperties;
    },
  });
  const { $schema: _, type: __, required, ...rest } = json;
  return { type: 'object', ...rest, ...(io === 'input' && required !== undefined && { required }) };
}
