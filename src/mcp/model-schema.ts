import * as z from 'zod';
import type { JsonSchema } from '../agent/tools.ts';

export interface ModelSchema {
  readonly schema: JsonSchema;
  /** What the schema cannot express: alternatives, for the description. Empty if there are none. */
  readonly note: string;
}

const objectSchema = z.looseObject({
  properties: z.record(z.string(), z.unknown()).default({}),
  required: z.array(z.string()).default([]),
  oneOf: z.array(z.unknown()).default([]),
  anyOf: z.array(z.unknown()).default([]),
  allOf: z.array(z.unknown()).default([]),
});

type ObjectSchema = z.infer<typeof objectSchema>;

/**
 * An input schema that the model's API accepts: without alternatives at the top level. The arguments of all
 * alternatives are offered, those that every alternative requires are required, and the note says which belong
 * together. The server still validates them.
 */
export function forModel(schema: JsonSchema): ModelSchema {
  const { $schema: _, oneOf, anyOf, allOf, ...rest } = schema;
  if (oneOf === undefined && anyOf === undefined && allOf === undefined) return { schema: rest, note: '' };
  const merged = merge(objectSchema.safeParse(schema).data);
  return {
    schema: {
      ...rest,
      properties: merged.properties,
      ...(merged.required.length > 0 && { required: [...new Set(merged.required)] }),
    },
    note: merged.alternatives.map(({ which, sets }) => `Give ${which} of: ${sets.join(' | ')}.`).join('\n'),
  };
}

interface Alternatives {
  readonly which: 'exactly one' | 'at least one';
  /** The required arguments of each alternative, or all of them if none is required. */
  readonly sets: readonly string[];
}

interface Merged {
  readonly properties: Readonly<Record<string, unknown>>;
  readonly required: readonly string[];
  readonly alternatives: readonly Alternatives[];
}

function merge(schema: ObjectSchema | undefined): Merged {
  if (schema === undefined) return { properties: {}, required: [], alternatives: [] };
  const parts = schema.allOf.map((part) => merge(objectSchema.safeParse(part).data));
  let properties = schema.properties;
  const required = [...schema.required];
  const alternatives = parts.flatMap((part) => part.alternatives);
  for (const part of parts) {
    properties = together(properties, part.properties);
    required.push(...part.required);
  }
  const choices = [
    ['exactly one', schema.oneOf],
    ['at least one', schema.anyOf],
  ] as const;
  for (const [which, branches] of choices) {
    const merged = branches.map((branch) => merge(objectSchema.safeParse(branch).data));
    for (const branch of merged) properties = together(properties, branch.properties);
    required.push(...neededByAll(merged));
    const sets = merged.map((branch) =>
      (branch.required.length > 0 ? branch.required : Object.keys(branch.properties)).join(' + '),
    );
    const told = sets.filter((set) => set !== '');
    if (told.length > 1) alternatives.push({ which, sets: told });
  }
  return { properties, required, alternatives };
}

function neededByAll([first, ...others]: readonly Merged[]): readonly string[] {
  if (first === undefined) return [];
  return first.required.filter((name) => others.every((other) => other.required.includes(name)));
}

/** An argument that two alternatives define differently accepts either definition. */
function together(
  one: Readonly<Record<string, unknown>>,
  other: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const all: Record<string, unknown> = { ...one };
  for (const [name, value] of Object.entries(other)) {
    const known = Object.hasOwn(all, name) ? all[name] : undefined;
    const same = known === undefined || JSON.stringify(known) === JSON.stringify(value);
    all[name] = same ? value : { anyOf: [known, value] };
  }
  return all;
}
