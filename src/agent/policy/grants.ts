import * as z from 'zod';
import { canonicalJson } from '../../../servers/contract/canonical-json.ts';
import { sha256Hex } from '../../../servers/contract/sha256.ts';
import { factsOfWrite } from '../../../servers/contract/tool-facts.ts';
import type { Arguments, ToolSpec } from '../tools.ts';
import type { Preview } from '../../../servers/contract/preview.ts';

export const requirements = ['verified-numbers', 'no-links', 'no-mentions'] as const;
export type Requirement = (typeof requirements)[number];

const scalarValue = z.union([z.string(), z.number(), z.boolean()]);

/** A value that an argument may have. A list or an object is one value. */
export const exactValue = z.union([
  z.string(),
  z.number(),
  z.boolean(),
  z.array(z.unknown()),
  z.record(z.string(), z.unknown()),
]);
export type ExactValue = z.infer<typeof exactValue>;

/** Stands for any value. Not allowed for the destination of one of our tools. */
const anyValue = '*';

/** Permission given in advance. It covers exactly what it names; for anything else a person is asked. */
export const grantSchema = z
  .strictObject({
    tool: z.string().min(1).describe("The tool's own name, or `server__tool` for a third-party server."),
    where: z
      .record(z.string(), z.array(exactValue).min(1))
      .optional()
      .describe(
        'The exact values each argument may have. "*" means any value, except for the destination of a built-in tool. Each argument named here must be given.',
      ),
    limit: z.int().min(1).optional().describe('Maximum number of calls per run.'),
    require: z.array(z.enum(requirements)).optional().describe('Requirements for the outgoing text.'),
  })
  .superRefine(({ tool, where = {} }, context) => {
    // No argument of our tools is an object, so an object here is meant as a pattern. Patterns are not supported.
    if (tool.includes('__')) return;
    for (const [name, values] of Object.entries(where)) {
      for (const [index, value] of values.entries()) {
        if (typeof value !== 'object' || Array.isArray(value)) continue;
        context.addIssue({ code: 'custom', path: ['where', name, index], message: 'must be an exact value' });
      }
    }
  });

export type Grant = z.infer<typeof grantSchema>;

/** Where a grant came from, as shown in cards, logs and audit. Limits are counted by `id`. */
export interface OriginatedGrant {
  readonly id: string;
  readonly origin: 'person' | 'settings' | 'runbook' | 'policy-file';
  readonly grant: Grant;
}

/** Equal grants from the same origin have equal ids. */
export function withOrigin(grant: Grant, origin: OriginatedGrant['origin']): OriginatedGrant {
  return { id: `${origin}:${sha256Hex(canonicalJson(grant)).slice(0, 12)}`, origin, grant };
}

/** `create_jira_ticket where project_key is ENG, at most 1 per run`. */
export function describeGrant({ tool, where, limit, require }: Grant): string {
  const conditions = Object.entries(where ?? {}).map(([name, values]) => `${name} is ${showAll(values)}`);
  return [
    tool + (conditions.length > 0 ? ` where ${conditions.join(' and ')}` : ''),
    ...(limit === undefined ? [] : [`at most ${limit} per run`]),
    ...(require ?? []),
  ].join(', ');
}

/** Plain names belong to our tools: a third-party tool with the same name is not covered. */
export function isForTool(grant: Grant, tool: ToolSpec): boolean {
  return grant.tool === tool.name || (tool.trusted && grant.tool === tool.plainName);
}

/**
 * Why the grant does not cover these arguments, one sentence each. Empty if it covers them.
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
  // The person granted a third party's read tool as a whole. Its arguments cannot change anything there.
  const anyArguments = tool.risk === 'read' && grant.where === undefined;
  const gaps: string[] = [];
  for (const [name, values] of Object.entries(where)) {
    const given = Object.hasOwn(input, name) ? input[name] : undefined;
    // The first argument is the destination. Compare with what the server resolved it to.
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
 * Ids match ids and channel names match names, whichever the call used. `#c0123456789` is a name: anyone may give a
 * channel a name that looks like the id of another. Only channel names are unique; an issue's name is its
 * summary.
 */
function isDestination(allowed: string, { id, name }: Preview['destination']): boolean {
  if (allowed === id) return true;
  return name.startsWith('#') && !likeChannelId.test(allowed) && `#${allowed.replace(/^#/, '')}` === name;
}

const likeChannelId = /^#?[CGDUW][A-Z0-9]{5,}$/;

/** For people: `ENG or OPS`. */
export function showAll(values: readonly ExactValue[]): string {
  return values.map((value) => (value === anyValue ? 'anything' : show(value))).join(' or ');
}

function show(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}

/**
 * The grant a person gives on a card. `run`: this tool, this destination and the same other arguments.
 * `always`: this tool and this destination. Arguments other than destination and text are asked about again.
 */
export function grantFromApproval(tool: ToolSpec, input: Arguments, scope: 'run' | 'always'): Grant | undefined {
  const facts = tool.trusted ? factsOfWrite(tool.plainName) : undefined;
  if (facts === undefined) return grantForForeignTool(tool, input);
  const where: Record<string, ExactValue[]> = {};
  for (const [name, value] of Object.entries(input)) {
    const pinned = facts.destination.includes(name) || (scope === 'run' && !facts.harmless.includes(name));
    if (!pinned || value === undefined) continue;
    const exact = scalarValue.safeParse(value);
    // A list of labels is not a single exact value, so it is left out and asked about.
    if (exact.success && exact.data !== anyValue) where[name] = [exact.data];
    else if (facts.destination.includes(name)) return undefined;
  }
  return { tool: tool.plainName, where, require: ['verified-numbers'] };
}

/** For unknown tools: exactly these arguments, or the whole tool if it only reads. */
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
