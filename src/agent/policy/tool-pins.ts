import * as z from 'zod';
import { diffOf, type DiffPart } from './definition-diff.ts';
import { canonicalJson, sha256Hex } from '../digest.ts';
import type { ToolChange, ToolSpec } from '../tools.ts';

/** What a third party says of a tool, as far as the model, a person or the policy goes by it. */
export const toolDefinitionSchema = z.strictObject({
  title: z.string(),
  description: z.string(),
  inputSchema: z.record(z.string(), z.unknown()),
  risk: z.enum(['read', 'write', 'destructive']),
});

export type ToolDefinition = Readonly<z.infer<typeof toolDefinitionSchema>>;

/** What a tool was when it was first seen, or when a person last took a change of it over. */
export interface ToolPin {
  readonly definition: ToolDefinition;
  /** Its server was known already and did not offer it, and no person has let a call of it go since. */
  readonly isNew: boolean;
}

/** The same server started by another command is another server. */
export interface PinnedServer {
  readonly id: string;
  readonly command: string;
  readonly args: readonly string[];
}

/** Keeps pins, for this user, over sessions and processes. Tools go by the names that their server gives them. */
export interface ToolPins {
  /**
   * Pins what was never seen, and says what is pinned.
   * @returns by name. A tool that is not in it could not be pinned any more: too many were.
   */
  readonly look: (
    server: PinnedServer,
    tools: ReadonlyMap<string, ToolDefinition>,
  ) => Promise<ReadonlyMap<string, ToolPin>>;
  /** A person has seen this definition and goes on with it. */
  readonly accept: (server: PinnedServer, tool: string, definition: ToolDefinition) => Promise<void>;
}

export function definitionOf({ title, description, inputSchema, risk }: ToolSpec): ToolDefinition {
  return { title, description, inputSchema, risk };
}

/** The same, lower-case hex, for definitions that mean the same: order of keys and of required names is none. */
export function digestOfDefinition(definition: ToolDefinition): string {
  return sha256Hex(canonicalJson(inOneOrder(definition)));
}

function inOneOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOneOrder);
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value).map(([key, inner]) => [
    key,
    key === 'required' && isStrings(inner) ? inner.toSorted() : inOneOrder(inner),
  ]);
  return Object.fromEntries(entries);
}

function isStrings(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

/**
 * The tool as it is offered: what is pinned of it, and how that differs from what its server says now.
 * A risk that grew counts at once.
 */
export function pinnedSpec(spec: ToolSpec, pin: ToolPin): ToolSpec {
  const change = changeOf(pin, definitionOf(spec));
  if (change === undefined) return spec;
  return { ...spec, ...pin.definition, risk: greaterRisk(spec.risk, pin.definition.risk), change };
}

function changeOf({ definition, isNew }: ToolPin, now: ToolDefinition): ToolChange | undefined {
  const sha256 = digestOfDefinition(now);
  if (sha256 === digestOfDefinition(definition)) return isNew ? { kind: 'new', sha256 } : undefined;
  const parts = partsOf(definition, now);
  return { kind: 'changed', sha256, parts: parts.map(({ name }) => name), diff: parts.flatMap(diffOf) };
}

/** In the order of what a person should look at first. */
function partsOf(before: ToolDefinition, now: ToolDefinition): readonly DiffPart[] {
  const schema = ({ inputSchema }: ToolDefinition): string =>
    JSON.stringify(JSON.parse(canonicalJson(inOneOrder(inputSchema))), undefined, 2);
  const parts: readonly DiffPart[] = [
    { name: 'description', before: before.description, now: now.description },
    { name: 'risk', before: before.risk, now: now.risk },
    { name: 'title', before: before.title, now: now.title },
    { name: 'arguments', before: schema(before), now: schema(now) },
  ];
  return parts.filter((part) => part.before !== part.now);
}

const risks: readonly ToolSpec['risk'][] = ['read', 'write', 'destructive'];

function greaterRisk(one: ToolSpec['risk'], other: ToolSpec['risk']): ToolSpec['risk'] {
  return risks.indexOf(one) > risks.indexOf(other) ? one : other;
}
