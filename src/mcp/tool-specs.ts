import { createHash } from 'node:crypto';
import * as z from 'zod';
import { metaKeys } from '../../servers/contract/meta.ts';
import type { CallOptions, ToolSpec } from '../agent/tools.ts';
import type { ServerSpec } from './server-specs.ts';

/** One entry of `tools/list`, as far as the host uses it. Everything else a server says is let pass and ignored. */
const listedToolSchema = z.object({
  name: z.string().min(1).max(256),
  title: z.string().optional(),
  description: z.string().optional(),
  inputSchema: z.looseObject({
    type: z.literal('object'),
    // As the Anthropic API demands: one bad tool would make it refuse every request.
    properties: z
      .record(z.string().regex(/^[A-Za-z0-9_.-]{1,64}$/), z.union([z.looseObject({}), z.boolean()]))
      .optional(),
    required: z.array(z.string()).optional(),
  }),
  annotations: z
    .object({ title: z.string(), readOnlyHint: z.boolean(), destructiveHint: z.boolean() })
    .partial()
    .optional(),
  _meta: z.record(z.string(), z.unknown()).optional(),
});

/** A tool of one server: what the agent sees, and the name to call it by. */
export interface ListedTool {
  readonly spec: ToolSpec;
  /** As the server spells it, which need not be legal for the model. */
  readonly upstreamName: string;
}

/** The model takes no longer name. */
const longestName = 64;
/** A third party's description is paid for on every turn, and is a way to talk to the model. */
const longestDescription = 2000;
const longestSchema = 32_000;

/** @returns what is wrong with it when it is not a tool that can be offered. */
export function describeListedTool(server: ServerSpec, raw: unknown): ListedTool | string {
  const parsed = listedToolSchema.safeParse(raw);
  if (!parsed.success) return `${nameOf(raw)}: ${describeIssue(parsed.error.issues[0])}`;
  const tool = parsed.data;
  const inputSchema = forModel(tool.inputSchema);
  const size = JSON.stringify(inputSchema).length;
  if (size > longestSchema)
    return `${nameOf(raw)}: its input schema has ${size} characters, more than ${longestSchema}`;
  const plainName = server.trusted ? tool.name : legal(tool.name);
  const description = tool.description ?? '';
  return {
    upstreamName: tool.name,
    spec: {
      name: qualifiedName(server.id, tool.name),
      plainName,
      server: server.id,
      title: tool.title ?? tool.annotations?.title ?? tool.name,
      description: server.trusted ? description : description.slice(0, longestDescription),
      inputSchema,
      risk: riskOf(tool.annotations),
      trusted: server.trusted,
      preview: server.trusted && tool._meta?.[metaKeys.preview] === true,
      idempotent: server.trusted && tool._meta?.[metaKeys.idempotent] === true,
    },
  };
}

/** The model's API takes no alternatives at the top: the server, which knows them, still checks. */
function forModel(schema: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const { $schema: _, oneOf: __, anyOf: ___, allOf: ____, ...rest } = schema;
  return rest;
}

function nameOf(raw: unknown): string {
  const named = z.object({ name: z.string() }).safeParse(raw);
  return named.success ? `'${named.data.name.slice(0, 100)}'` : 'one without a name';
}

function describeIssue(issue: z.core.$ZodIssue | undefined): string {
  return `${issue?.path.join('.') ?? ''} ${issue?.message ?? 'is not valid'}`.trim();
}

/** By the specification a tool that says nothing of itself writes, and destroys. */
function riskOf(annotations: z.infer<typeof listedToolSchema>['annotations']): ToolSpec['risk'] {
  if (annotations?.readOnlyHint === true) return 'read';
  return annotations?.destructiveHint === false ? 'write' : 'destructive';
}

/**
 * `<server>__<tool>`, legal for the model. A name that had to be changed ends in a hash of the original, so that two
 * tools never become one and the same tool has the same name in every session.
 */
export function qualifiedName(server: string, tool: string): string {
  const whole = `${server}__${tool}`;
  const safe = legal(whole);
  if (safe === whole && whole.length <= longestName) return whole;
  const hash = createHash('sha256').update(whole).digest('hex').slice(0, 8);
  return `${safe.slice(0, longestName - hash.length - 1)}_${hash}`;
}

function legal(name: string): string {
  return name.replaceAll(/[^A-Za-z0-9_-]/g, '_');
}

/** A preview of a write changes nothing. */
export function changesSomething({ spec }: ListedTool, options: CallOptions): boolean {
  return spec.risk !== 'read' && options.preview !== true;
}
