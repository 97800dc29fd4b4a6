import * as z from 'zod';
import { canonicalJson, sha256Hex } from '../digest.ts';
import { factsOfWrite } from '../../../servers/contract/tool-facts.ts';
import type { Arguments, Preview, ToolSpec } from '../tools.ts';

export const requirements = ['verified-numbers', 'no-links', 'no-mentions'] as const;
export type Requirement = (typeof requirements)[number];

const scalarValue = z.union([z.string(), z.number(), z.boolean()]);

/** A value that an argument may have: a list or an object as a whole, too. */
export const exactValue = z.union([
  z.string(),
  z.number(),
  z.boolean(),
  z.array(z.unknown()),
  z.record(z.string(), z.unknown()),
]);
export type ExactValue = z.infer<typeof exactValue>;

/** In the place of a value: any. Never of where a tool of ours writes to. */
const anyValue = '*';

/** Permission given beforehand. It covers exactly what it names; anything else asks a person. */
export const grantSchema = z
  .strictObject({
    tool: z.string().min(1).describe("The tool's own name; `server__tool` for a server that is not ours."),
    where: z
      .record(z.string(), z.array(exactValue).min(1))
      .optional()
      .describe(
        'Argument to the exact values it may have; "*" for any value, except where a tool of ours writes to. An argument named here must be given.',
      ),
    limit: z.int().min(1).optional().describe('At most so many calls a run.'),
    require: z.array(z.enum(requirements)).optional().describe('What must hold of the text that goes out.'),
  })
  .superRefine(({ tool, where = {} }, context) => {
    // Of ours no argument that a grant can name is an object: what is meant is a pattern, and there are none.
    if (tool.includes('__')) return;
    for (const [name, values] of Object.entries(where)) {
      for (const [index, value] of values.entries()) {
        if (typeof value !== 'object' || Array.isArray(value)) continue;
        context.addIssue({ code: 'custom', path: ['where', name, index], message: 'must be an exact value' });
      }
    }
  });

export type Grant = z.infer<typeof grantSchema>;

/** Where a grant came from: shown in cards, logs and audit. Counters of limits go by `id`. */
export interface HeldGrant {
  readonly id: string;
  readonly origin: 'person' | 'settings' | 'runbook' | 'policy-file';
  readonly grant: Grant;
}

/** The same grant from the same origin has the same id. */
export function holdGrant(grant: Grant, origin: HeldGrant['origin']): HeldGrant {
  return { id: `${origin}:${sha256Hex(canonicalJson(grant)).slice(0, 12)}`, origin, grant };
}

/** `create_jira_ticket where project_key is ENG, at most 1 a run`. */
export function describeGrant({ tool, where, limit, require }: Grant): string {
  const conditions = Object.entries(where ?? {}).map(([name, values]) => `${name} is ${showAll(values)}`);
  return [
    tool + (conditions.length > 0 ? ` where ${conditions.join(' and ')}` : ''),
    ...(limit === undefined ? [] : [`at most ${limit} a run`]),
    ...(require ?? []),
  ].join(', ');
}

/** A plain name is ours alone: a tool of another server that takes the name of ours is not covered. */
export function isForTool(grant: Grant, tool: ToolSpec): boolean {
  return grant.tool === tool.name || (tool.trusted && grant.tool === tool.plainName);
}

/**
 * Why the grant does not cover these arguments, one sentence each; empty where it does.
 * Every argument must be named in `where` or be harmless for this tool.
 */
export function gapsOfArguments(
  grant: Grant,
  tool: ToolSpec,
  input: Arguments,
  preview: Preview | undefined,
): readonly string[] {
  const facts = tool.trusted ? factsOfWrite(tool.plainName) : undefined;
  const where = grant.where ?? {};
  // The person named a reading tool of a third party as a whole: what it is asked cannot change anything there.
  const anyArguments = tool.risk === 'read' && grant.where === undefined;
  const gaps: string[] = [];
  for (const [name, values] of Object.entries(where)) {
    const given = Object.hasOwn(input, name) ? input[name] : undefined;
    // The first one says where it goes; the server has resolved that, and what it resolved counts.
    const destination = facts?.destination[0] === name ? preview?.destination : undefined;
    const mayBeAny = given !== undefined && facts?.destination.includes(name) !== true;
    if (mayBeAny && values.includes(anyValue)) continue;
    if (!values.some((value) => isValue(value, given, destination)))
      gaps.push(`the grant is for ${name} ${showAll(values)}, not ${given === undefined ? 'none' : show(given)}`);
  }
  for (const [name, value] of Object.entries(input)) {
    if (anyArguments || value === undefined || Object.hasOwn(where, name)) continue;
    if (facts?.harmless.includes(name) !== true) gaps.push(`the grant does not name ${name}`);
  }
  return gaps;
}

function isValue(allowed: unknown, given: unknown, destination: Preview['destination'] | undefined): boolean {
  if (given === undefined) return false;
  if (destination === undefined) return canonicalJson(allowed) === canonicalJson(given);
  return typeof allowed === 'string' && isDestination(allowed, destination);
}

/**
 * An id equals the id, and a channel's name its name, whatever was written in the call: `#c0123456789` is a name, and
 * anybody may give a channel the name that looks like the id of another one. Only a channel's name is unique: that of
 * an issue is its summary.
 */
function isDestination(allowed: string, { id, name }: Preview['destination']): boolean {
  if (allowed === id) return true;
  return name.startsWith('#') && !likeChannelId.test(allowed) && `#${allowed.replace(/^#/, '')}` === name;
}

const likeChannelId = /^#?[CGDUW][A-Z0-9]{5,}$/;

/** For a person: `ENG or OPS`. */
export function showAll(values: readonly ExactValue[]): string {
  return values.map((value) => (value === anyValue ? 'anything' : show(value))).join(' or ');
}

function show(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}

/**
 * The grant that a person gives with a card. `run`: this tool at this destination with the same further arguments.
 * `always`: this tool at this destination; anything beyond destination and text asks again.
 */
export function grantFromApproval(tool: ToolSpec, input: Arguments, scope: 'run' | 'always'): Grant | undefined {
  const facts = tool.trusted ? factsOfWrite(tool.plainName) : undefined;
  if (facts === undefined) return grantForForeignTool(tool, input);
  const where: Record<string, ExactValue[]> = {};
  for (const [name, value] of Object.entries(input)) {
    const pinned = facts.destination.includes(name) || (scope === 'run' && !facts.harmless.includes(name));
    if (!pinned || value === undefined) continue;
    const exact = scalarValue.safeParse(value);
    // A list of labels has no exact single value: it stays outside and asks.
    if (exact.success && exact.data !== anyValue) where[name] = [exact.data];
    else if (facts.destination.includes(name)) return undefined;
  }
  return { tool: tool.plainName, where, require: ['verified-numbers'] };
}

/** Of a tool that we know nothing of: exactly these arguments, or, where it only reads, the tool. */
function grantForForeignTool(tool: ToolSpec, input: Arguments): Grant | undefined {
  if (tool.risk === 'read') return { tool: tool.name };
  const where: Record<string, ExactValue[]> = {};
  for (const [name, value] of Object.entries(input)) {
    const exact = exactValue.safeParse(value);
    if (!exact.success || exact.data === anyValue) return undefined;
    where[name] = [exact.data];
  }
  return { tool: tool.name, where };
}
