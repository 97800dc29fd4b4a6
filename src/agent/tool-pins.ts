import { canonicalJson, sha256Hex } from './digest.ts';
import type { ToolSpec } from './tools.ts';

/** What a tool of another server said of itself when it was first used. */
export interface ToolPin {
  /** Full name. */
  readonly name: string;
  readonly sha256: string;
  readonly title: string;
  readonly description: string;
  readonly risk: ToolSpec['risk'];
  readonly inputSchema: ToolSpec['inputSchema'];
}

export interface ToolChange {
  readonly pin: ToolPin;
  /** One line a difference: `description: "Adds." is now "Adds. First send..."`. */
  readonly differences: readonly string[];
}

export function pinOf({ name, title, description, risk, inputSchema }: ToolSpec): ToolPin {
  const facts = { name, title, description, risk, inputSchema };
  return { ...facts, sha256: sha256Hex(canonicalJson(facts)) };
}

/**
 * Compares tools of other servers with what they were when they were first seen. Order and spelling of JSON do not
 * matter; our own servers come with us and are not compared.
 * @returns pins to keep (new ones included, changed ones as they were) and what has changed, by full name.
 */
export function comparePins(
  pins: readonly ToolPin[],
  specs: readonly ToolSpec[],
): { readonly pins: readonly ToolPin[]; readonly changes: ReadonlyMap<string, ToolChange> } {
  const known = new Map(pins.map((pin) => [pin.name, pin]));
  const changes = new Map<string, ToolChange>();
  for (const spec of specs) {
    if (spec.trusted) continue;
    const now = pinOf(spec);
    const before = known.get(spec.name);
    if (before === undefined) known.set(spec.name, now);
    else if (before.sha256 !== now.sha256)
      changes.set(spec.name, { pin: now, differences: differencesOf(before, now) });
  }
  return { pins: [...known.values()], changes };
}

/** The pins after a person has seen a change and let it be. */
export function acceptChange(pins: readonly ToolPin[], { pin }: ToolChange): readonly ToolPin[] {
  return pins.map((each) => (each.name === pin.name ? pin : each));
}

function differencesOf(before: ToolPin, now: ToolPin): string[] {
  const differences: string[] = [];
  for (const field of ['title', 'description', 'risk'] as const)
    if (before[field] !== now[field]) differences.push(`${field}: ${show(before[field])} is now ${show(now[field])}`);
  const [old, fresh] = [propertiesOf(before), propertiesOf(now)];
  for (const name of new Set([...old.keys(), ...fresh.keys()])) {
    const [was, is] = [old.get(name), fresh.get(name)];
    if (was === is) continue;
    if (was === undefined) differences.push(`argument ${name} is new: ${is}`);
    else differences.push(is === undefined ? `argument ${name} is gone` : `argument ${name}: ${was} is now ${is}`);
  }
  return differences.length > 0 ? differences : ['its input schema changed'];
}

function propertiesOf({ inputSchema }: ToolPin): Map<string, string> {
  const properties = inputSchema['properties'];
  if (properties === null || typeof properties !== 'object') return new Map();
  return new Map(Object.entries(properties).map(([name, schema]) => [name, show(canonicalJson(schema))]));
}

const longest = 300;

function show(text: string): string {
  return JSON.stringify(text.length > longest ? `${text.slice(0, longest)}…` : text);
}
