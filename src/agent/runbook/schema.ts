import * as z from 'zod';
import { ExpressionError, parseExpression } from './expression.ts';
import { grantSchema } from '../policy/grants.ts';
import { factsOfTool } from '../../../servers/contract/tool-facts.ts';
import { toolNameSchema } from '../policy/policy-file.ts';

const name = z
  .string()
  .regex(/^[a-z][a-z0-9_]{0,62}$/, 'must be lower-case letters, digits and _, beginning with a letter');
const tool = toolNameSchema;
const scalar = z.union([z.string(), z.number(), z.boolean()]);

export const parameterTypes = ['string', 'integer', 'number', 'boolean', 'identifier'] as const;

const parameterSchema = z.strictObject({
  type: z
    .enum(parameterTypes)
    .default('string')
    .describe('`identifier` is the name of a table or column, with its schema if need be; it is quoted in SQL.'),
  description: z.string().optional(),
  default: scalar.optional().describe('Without one the parameter must be given.'),
  values: z.array(scalar).min(1).optional().describe('The only values it may have.'),
  pattern: z.string().optional().describe('Regular expression that the whole text must match.'),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
});

const measureSchema = z.strictObject({
  description: z.string().optional(),
  tool: tool.describe('A reading tool of ours, by its plain name.'),
  arguments: z
    .record(z.string(), z.unknown())
    .default({})
    .describe('`${parameter}` stands for its value; in SQL it becomes a bound parameter, an identifier is quoted.'),
});

const conditionSchema = z.strictObject({
  name: z.string().min(1).max(80),
  expression: z.string().describe('Of measures, parameters, numbers: `failed_count > threshold and rate >= 0.5`.'),
  requires: z.array(tool).min(1).describe('Tools that are denied while the condition is false.'),
  otherwise: z
    .string()
    .optional()
    .describe('The run ends with this text, without asking the model, when the condition is false.'),
});

const previewSchema = z.strictObject({
  tool: tool.describe('A writing tool of ours, by its plain name.'),
  arguments: z.record(z.string(), z.unknown()).default({}).describe('`${parameter}` stands for its value.'),
});

const budgetSchema = z.strictObject({
  turns: z.int().min(1).optional(),
  tool_calls: z.int().min(1).optional(),
  tokens: z.int().min(1).optional(),
  dollars: z.number().positive().optional(),
  rows: z.int().min(1).optional().describe('Rows read from all systems together.'),
  database_seconds: z.number().positive().optional(),
});

const shape = z.strictObject({
  $schema: z.string().optional(),
  name: z.string().regex(/^[a-z][a-z0-9-]{0,62}$/, 'must be lower-case letters, digits and -, beginning with a letter'),
  title: z.string().min(1),
  description: z.string().optional(),
  parameters: z.record(name, parameterSchema).default({}),
  measures: z.record(name, measureSchema).default({}),
  conditions: z.array(conditionSchema).default([]),
  previews: z
    .array(previewSchema)
    .default([])
    .describe(
      'Previewed before the model is asked, which changes nothing. Where one is refused the run ends: ' +
        'a job that could only be half done is not begun.',
    ),
  grants: z.array(grantSchema.safeExtend({ tool })).default([]),
  model: z.string().min(1).optional(),
  budget: budgetSchema.optional(),
});

export type FrontMatter = z.infer<typeof shape>;
export type ParameterDefinition = z.infer<typeof parameterSchema>;

/** Front matter of a runbook, checked in itself and across its parts. */
export const frontMatterSchema = shape.superRefine((runbook, context) => {
  const report = (path: (string | number)[], message: string): void =>
    context.addIssue({ code: 'custom', path, message });
  const parameters = Object.keys(runbook.parameters);
  for (const [key, parameter] of Object.entries(runbook.parameters)) {
    checkParameter(parameter, (field, message) => report(['parameters', key, field], message));
    if (Object.hasOwn(runbook.measures, key)) report(['measures', key], 'has the name of a parameter');
  }
  for (const [key, measure] of Object.entries(runbook.measures)) {
    if (factsOfTool(measure.tool)?.risk !== 'read')
      report(['measures', key, 'tool'], 'must be a tool of ours that reads');
    for (const unknown of unknownReferences(measure.arguments, parameters))
      report(['measures', key, 'arguments'], `there is no parameter '${unknown}'`);
  }
  for (const [index, condition] of runbook.conditions.entries()) {
    const problem = problemOfExpression(condition.expression, [...parameters, ...Object.keys(runbook.measures)]);
    if (problem !== undefined) report(['conditions', index, 'expression'], problem);
  }
  for (const [index, preview] of runbook.previews.entries()) {
    if (factsOfTool(preview.tool)?.risk === 'read')
      report(['previews', index, 'tool'], 'must be a tool of ours that writes');
    for (const unknown of unknownReferences(preview.arguments, parameters))
      report(['previews', index, 'arguments'], `there is no parameter '${unknown}'`);
  }
  for (const [index, grant] of runbook.grants.entries()) {
    for (const unknown of unknownReferences(grant.where, parameters))
      report(['grants', index, 'where'], `there is no parameter '${unknown}'`);
  }
});

function checkParameter(parameter: ParameterDefinition, report: (field: string, message: string) => void): void {
  if (parameter.pattern !== undefined && compilePattern(parameter.pattern) === undefined)
    report('pattern', 'is not a regular expression');
  if (parameter.default === undefined) return;
  const problem = problemOfValue(parameter, parameter.default);
  if (problem !== undefined) report('default', problem);
}

function compilePattern(pattern: string): RegExp | undefined {
  try {
    return new RegExp(`^(?:${pattern})$`, 'u');
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

const identifier = /^[\p{L}_][\p{L}\p{N}_$]{0,62}(?:\.[\p{L}_][\p{L}\p{N}_$]{0,62}){0,2}$/u;

/** What keeps a value from being the parameter's, in words; undefined where it is right. */
export function problemOfValue(parameter: ParameterDefinition, value: string | number | boolean): string | undefined {
  const { type, values, pattern, minimum, maximum } = parameter;
  if (values !== undefined && !values.includes(value)) return `must be one of ${values.join(', ')}`;
  if (type === 'boolean') return typeof value === 'boolean' ? undefined : 'must be true or false';
  if (type === 'integer' || type === 'number') {
    if (typeof value !== 'number' || !Number.isFinite(value)) return 'must be a number';
    if (type === 'integer' && !Number.isSafeInteger(value)) return 'must be a whole number';
    if (minimum !== undefined && value < minimum) return `must be at least ${minimum}`;
    return maximum !== undefined && value > maximum ? `must be at most ${maximum}` : undefined;
  }
  if (typeof value !== 'string') return 'must be text';
  if (type === 'identifier' && !identifier.test(value))
    return 'must be a name of letters, digits and _, with a schema before it if need be, such as public.orders';
  if (pattern !== undefined && compilePattern(pattern)?.test(value) !== true) return `must match ${pattern}`;
  return undefined;
}

/** `${name}` in any string of a value, whose name is not one of those known. */
function unknownReferences(value: unknown, known: readonly string[]): readonly string[] {
  if (typeof value === 'string')
    return [...value.matchAll(/\$\{([^}]*)\}/g)].map((match) => match[1] ?? '').filter((used) => !known.includes(used));
  if (value === null || typeof value !== 'object') return [];
  return Object.values(value).flatMap((inner) => unknownReferences(inner, known));
}

function problemOfExpression(source: string, known: readonly string[]): string | undefined {
  try {
    const unknown = parseExpression(source).names.find((used) => !known.includes(used.split('.')[0] ?? ''));
    return unknown === undefined
      ? undefined
      : `there is no parameter or measure '${unknown}'; there is ${known.join(', ') || 'none'}`;
  } catch (error) {
    if (error instanceof ExpressionError) return error.message;
    throw error;
  }
}
