import * as z from 'zod';
import { diffOf, type DiffPart } from './definition-diff.ts';
import { canonicalJson } from '../../../servers/contract/canonical-json.ts';
import { sha256Hex } from '../../../servers/contract/sha256.ts';
import type { ToolChange, ToolSpec } from '../tools.ts';

/** The parts of a third party's tool definition that the model, a person or the policy relies on. */
export const toolDefinitionSchema = z.strictObject({
  title: z.string(),
  description: z.string(),
  inputSchema: z.record(z.string(), z.unknown()),
  risk: z.enum(['read', 'write', 'destructive']),
});

export type ToolDefinition = Readonly<z.infer<typeof toolDefinitionSchema>>;

/** A tool's definition when it was first seen, or when a person last accepted a change. */
export interface ToolPin {
  readonly definition: ToolDefinition;
  /** Added by a server that was already known, and no person has allowed a call of it since. */
  readonly isNew: boolean;
}

/** The same server started with another command counts as another server. */
export interface PinnedServer {
  readonly id: string;
  readonly command: string;
  readonly args: readonly string[];
}

/** Keeps pins for this user across sessions and processes, by the server's own tool names. */
export interface ToolPins {
  /**
   * Pins tools that were never seen and returns all pins.
   * @returns pins by name. A missing tool could not be pinned because the limit was reached.
   */
  readonly look: (
    server: PinnedServer,
    tools: ReadonlyMap<string, ToolDefinition>,
  ) => Promise<ReadonlyMap<string, ToolPin>>;
  /** Records that a person has seen and accepted this definition. */
  readonly accept: (server: PinnedServer, tool: string, definition: ToolDefinition) => Promise<void>;
}

export function definitionOf({ title, description, inputSchema, risk }: ToolSpec): ToolDefinition {
  return { title, description, inputSchema, risk };
}

/** Lower-case hex, equal for equivalent definitions: the order of keys and of required names does not matter. */
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
 * The tool as offered: its pinned definition, and how its server's current one differs.
 * A higher risk applies immediately.
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

/** Ordered by what a person should check first. */
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
