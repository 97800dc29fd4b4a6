import { createHash } from 'node:crypto';
import * as z from 'zod';
import { metaKeys } from '../../servers/contract/meta.ts';
import type { ToolSpec } from '../agent/tools.ts';
import type { ServerSpec } from './server-specs.ts';

/** One entry of `tools/list`, as far as the host uses it. Everything else a server says is let pass and ignored. */
const listedToolSchema = z.object({
  name: z.string().min(1).max(256),
  title: z.string().optional(),
  description: z.string().optional(),
  inputSchema: z.looseObject({ type: z.literal('object') }),
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

/** Undefined when it is not a tool that can be offered. */
export function describeListedTool(server: ServerSpec, raw: unknown): ListedTool | undefined {
  const parsed = listedToolSchema.safeParse(raw);
  if (!parsed.success) return undefined;
  const tool = parsed.data;
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
      inputSchema: tool.inputSchema,
      risk: riskOf(tool.annotations),
      trusted: server.trusted,
      preview: server.trusted && tool._meta?.[metaKeys.preview] === true,
      idempotent: server.trusted && tool._meta?.[metaKeys.idempotent] === true,
    },
  };
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
