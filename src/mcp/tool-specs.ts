import { createHash } from 'node:crypto';
import * as z from 'zod';
import { metaKeys } from '../../servers/contract/meta.ts';
import type { CallOptions, JsonSchema, ToolSpec } from '../agent/tools.ts';
import { showInvisible } from '../agent/untrusted-text.ts';
import { readMirrored, type MirroredArgument } from './client/mirrored-arguments.ts';
import { forModel } from './model-schema.ts';
import { isDeeper } from './nesting.ts';
import type { ServerSpec } from './server-specs.ts';

/** The part of a `tools/list` entry that the host uses. Everything else is ignored. */
const listedToolSchema = z.object({
  name: z.string().min(1).max(256),
  title: z.string().optional(),
  description: z.string().optional(),
  inputSchema: z.looseObject({
    type: z.literal('object'),
    // Required by the Anthropic API: one invalid tool would make it reject every request.
    properties: z
      .record(z.string().regex(/^[A-Za-z0-9_.-]{1,64}$/), z.union([z.looseObject({}), z.boolean()]))
      .optional(),
    required: z.array(z.string()).optional(),
  }),
  annotations: z
    .object({ title: z.string(), readOnlyHint: z.boolean(), destructiveHint: z.boolean() })
    .partial()
    .optional(),
  execution: z.object({ taskSupport: z.string().optional() }).optional(),
  _meta: z.record(z.string(), z.unknown()).optional(),
});

/** A tool of one server: what the agent sees, and its name on the server. */
export interface ListedTool {
  readonly spec: ToolSpec;
  /** The server's own name, which may be invalid for the model. */
  readonly upstreamName: string;
  /** `task`: it can only be called as a task. `read-resource`: our own tool, for a server whose results link to resources. */
  readonly by: 'call' | 'task' | 'read-resource';
  /** Arguments that also go as headers. */
  readonly mirrored: readonly MirroredArgument[];
}

/** The model accepts no longer name. */
const longestName = 64;
/** A third-party description costs tokens on every turn and can talk to the model. */
const longestDescription = 2000;
const longestTitle = 100;
const longestSchema = 32_000;
const deepestSchema = 64;

/**
 * @param mirrors arguments that its schema marks are sent as headers, too.
 * @returns what is wrong when the tool cannot be offered.
 */
export function describeListedTool(server: ServerSpec, raw: unknown, mirrors: boolean): ListedTool | string {
  const parsed = listedToolSchema.safeParse(raw);
  if (!parsed.success) return `${nameOf(raw)}: ${describeIssue(parsed.error.issues[0])}`;
  const tool = parsed.data;
  if (isTurnedOff(server, tool.name)) return `${nameOf(raw)}: turned off in the file`;
  const wrong = flawOfSchema(tool.inputSchema);
  if (wrong !== undefined) return `${nameOf(raw)}: ${wrong}`;
  const mirrored = mirrors ? readMirrored(tool.inputSchema) : [];
  if (typeof mirrored === 'string') return `${nameOf(raw)}: ${mirrored}`;
  const { schema: inputSchema, note } = forModel(tool.inputSchema);
  const description = [tool.description ?? '', note].filter((part) => part !== '').join('\n\n');
  const shown = { title: tool.title ?? tool.annotations?.title ?? tool.name, description };
  const words = server.trusted ? { ...shown, inputSchema } : madeVisible({ ...shown, inputSchema });
  return {
    upstreamName: tool.name,
    by: tool.execution?.taskSupport === 'required' ? 'task' : 'call',
    mirrored,
    spec: {
      name: qualifiedName(server.id, tool.name),
      plainName: server.trusted ? tool.name : legal(tool.name),
      server: server.id,
      ...words,
      risk: riskOf(tool.annotations),
      trusted: server.trusted,
      preview: server.trusted && tool._meta?.[metaKeys.preview] === true,
      idempotent: server.trusted && tool._meta?.[metaKeys.idempotent] === true,
    },
  };
}

/** For a third-party server with resources, so that linked resources can be read. */
export function resourceReader(server: ServerSpec): ListedTool {
  return {
    upstreamName: 'read_resource',
    by: 'read-resource',
    mirrored: [],
    spec: {
      name: qualifiedName(server.id, 'read_resource'),
      plainName: 'read_resource',
      server: server.id,
      title: 'Read resource',
      description: `Reads a resource of ${visible(server.title)} by its address, as results link to it.`,
      inputSchema: {
        type: 'object',
        properties: { uri: { type: 'string', description: 'The address, as it was given.' } },
        required: ['uri'],
      },
      risk: 'read',
      trusted: false,
      preview: false,
      idempotent: false,
    },
  };
}

function flawOfSchema(schema: JsonSchema): string | undefined {
  if (isDeeper(schema, deepestSchema)) return `its input schema is nested deeper than ${deepestSchema} levels`;
  const size = JSON.stringify(schema).length;
  return size > longestSchema ? `its input schema has ${size} characters, more than ${longestSchema}` : undefined;
}

type Words = Pick<ToolSpec, 'title' | 'description' | 'inputSchema'>;

/** A third-party description, shortened and without characters that only the model would see. */
function madeVisible({ title, description, inputSchema }: Words): Words {
  return {
    title: cut(visible(title).replaceAll(/\s+/g, ' ').trim(), longestTitle),
    description: cut(visible(description), longestDescription),
    inputSchema: mapStrings(inputSchema),
  };
}

function visible(text: string): string {
  // Half a surrogate pair, which the model's API rejects.
  return showInvisible(text).replaceAll(/\p{Surrogate}/gu, '\u{FFFD}');
}

function cut(text: string, longest: number): string {
  if (text.length <= longest) return text;
  return `${text.slice(0, longest).replace(/\p{Surrogate}$/u, '')}… [cut here: ${text.length - longest} more characters]`;
}

function mapStrings(schema: JsonSchema): JsonSchema {
  return Object.fromEntries(Object.entries(schema).map(([key, value]) => [visible(key), mapValue(value)]));
}

function mapValue(value: unknown): unknown {
  if (typeof value === 'string') return visible(value);
  if (Array.isArray(value)) return value.map(mapValue);
  const object = jsonObject.safeParse(value);
  return object.success ? mapStrings(object.data) : value;
}

const jsonObject = z.record(z.string(), z.unknown());

/**
 * @returns what is wrong with a third party's tools as a whole: two tools that the user or the model could not tell
 * apart, so that one would be approved and the other called.
 */
export function flawOfTools(server: ServerSpec, tools: readonly ListedTool[]): string | undefined {
  if (server.trusted) return undefined;
  const taken = new Map<string, string>();
  for (const { spec, upstreamName } of tools) {
    for (const name of new Set([spec.name, spec.plainName])) {
      const other = taken.get(name);
      if (other !== undefined && other !== upstreamName) {
        return `its tools ${JSON.stringify(other)} and ${JSON.stringify(upstreamName)} would both be called ${name}`;
      }
      taken.set(name, upstreamName);
    }
  }
  return undefined;
}

function isTurnedOff({ offered }: ServerSpec, name: string): boolean {
  if (offered === undefined) return false;
  return offered.without.includes(name) || offered.only?.includes(name) === false;
}

function nameOf(raw: unknown): string {
  const named = z.object({ name: z.string() }).safeParse(raw);
  return named.success ? `'${named.data.name.slice(0, 100)}'` : 'one without a name';
}

function describeIssue(issue: z.core.$ZodIssue | undefined): string {
  return `${issue?.path.join('.') ?? ''} ${issue?.message ?? 'is not valid'}`.trim();
}

/** By the specification, a tool without annotations is destructive. */
function riskOf(annotations: z.infer<typeof listedToolSchema>['annotations']): ToolSpec['risk'] {
  if (annotations?.readOnlyHint === true) return 'read';
  return annotations?.destructiveHint === false ? 'write' : 'destructive';
}

/**
 * `<server>__<tool>`, valid for the model. A changed name ends in a hash of the original, so that two tools never
 * collide and a tool keeps its name across sessions.
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
