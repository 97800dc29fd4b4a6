import * as z from 'zod';

/** A value that the file asks the user for, as declared in VS Code's `inputs`. */
export interface ConfigInput {
  readonly id: string;
  readonly description: string;
  readonly password: boolean;
  readonly options: readonly string[];
  readonly default: string | undefined;
}

const option = z.union([z.string(), z.object({ value: z.string() }).transform(({ value }) => value)]);

const inputSchema = z
  .object({
    id: z.string().min(1),
    type: z.enum(['promptString', 'pickString']),
    description: z.string().default(''),
    password: z.boolean().default(false),
    options: z.array(option).default([]),
    default: z.string().optional(),
  })
  .transform((input): ConfigInput => ({ ...input, default: input.default }));

/** @returns the valid inputs, and an error for each of the others. */
export function readInputs(value: unknown): {
  readonly inputs: readonly ConfigInput[];
  readonly faults: readonly string[];
} {
  if (value === undefined) return { inputs: [], faults: [] };
  if (!Array.isArray(value)) return { inputs: [], faults: ['inputs: must be a list'] };
  const inputs: ConfigInput[] = [];
  const faults: string[] = [];
  for (const [index, each] of value.entries()) {
    const parsed = inputSchema.safeParse(each);
    if (parsed.success) inputs.push(parsed.data);
    else faults.push(`inputs.${index}: ${parsed.error.issues[0]?.message ?? 'is not valid'}`);
  }
  return { inputs, faults };
}

/** The environment variable that answers an input when there is no user to ask: `SWITCHBOARD_INPUT_GITHUB_TOKEN`. */
export function variableOfInput(id: string): string {
  return `SWITCHBOARD_INPUT_${id.toUpperCase().replaceAll(/[^A-Z0-9]+/g, '_')}`;
}
