import * as z from 'zod';
import type { SystemId } from '../../servers/contract/systems.ts';
import { toolFacts } from '../../servers/contract/tool-facts.ts';

/** What a list of tools says of one. */
interface ListedTool {
  readonly name: string;
  readonly inputSchema: object;
}

export type Input = Record<string, unknown>;

const schemaSchema = z.looseObject({
  type: z.string().optional(),
  enum: z.array(z.unknown()).optional(),
  const: z.unknown().optional(),
  minimum: z.number().optional(),
  get properties() {
    return z.record(z.string(), schemaSchema).optional();
  },
  get items() {
    return schemaSchema.optional();
  },
  get anyOf() {
    return z.array(schemaSchema).optional();
  },
});
type Schema = z.infer<typeof schemaSchema>;

export function toolNamesOf(server: SystemId): readonly string[] {
  return Object.entries(toolFacts).flatMap(([name, facts]) => (facts.server === server ? [name] : []));
}

/** A value for each argument, optional ones too: from `known` by its name, else made up from its schema. */
export function exampleInput({ inputSchema }: ListedTool, known: Readonly<Input>): Input {
  return objectOf(schemaSchema.parse(inputSchema), known);
}

/** The inputs, and an example for each tool that they leave out. */
export function withExamples(
  tools: readonly ListedTool[],
  inputs: readonly (readonly [tool: string, input: Input])[],
  known: Readonly<Input>,
): (readonly [tool: string, input: Input])[] {
  const missing = tools.filter(({ name }) => !inputs.some(([tool]) => tool === name));
  return [...inputs, ...missing.map((tool) => [tool.name, exampleInput(tool, known)] as const)];
}

function objectOf(schema: Schema, known: Readonly<Input>): Input {
  return Object.fromEntries(
    Object.entries(schema.properties ?? {}).map(([name, value]) => [
      name,
      Object.hasOwn(known, name) ? known[name] : made(value, known),
    ]),
  );
}

function made(schema: Schema, known: Readonly<Input>): unknown {
  if (schema.const !== undefined) return schema.const;
  if (schema.enum !== undefined) return schema.enum[0];
  if (schema.anyOf?.[0] !== undefined) return made(schema.anyOf[0], known);
  switch (schema.type) {
    case 'object':
      return objectOf(schema, known);
    case 'array':
      return schema.items === undefined ? [] : [made(schema.items, known)];
    case 'integer':
    case 'number':
      return Math.max(schema.minimum ?? 1, 1);
    case 'boolean':
      return false;
    default:
      return 'Seen';
  }
}
