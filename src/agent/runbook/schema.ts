import * as z from 'zod';
import { ExpressionError, parseExpression } from './expression.ts';
import { grantSchema } from '../policy/grants.ts';
import { factsOfTool } from '../../../servers/contract/tool-facts.ts';
import { toolNameSchema } from '../policy/policy-file.ts';

const name = z
  .string()
  .regex(/^[a-z][a-z0-9_]{0,62}$/, 'must be lower-case letters, digits and _, starting with a letter');
const tool = toolNameSchema;
const scalar = z.union([z.string(), z.number(), z.boolean()]);

export const parameterTypes = ['string', 'integer', 'number', 'boolean', 'identifier'] as const;

const parameterSchema = z.strictObject({
  type: z
    .enum(parameterTypes)
    .default('string')
    .describe('`identifier` is the name of a table or column, optionally with its schema. It is quoted in SQL.'),
  description: z.string().optional(),
  default: scalar.optional().describe('Without a default, the parameter is required.'),
  values: z.array(scalar).min(1).optional().describe('The allowed values.'),
  pattern: z.string().optional().describe('A regular expression that the whole text must match.'),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
});

const measureSchema = z.strictObject({
  description: z.string().optional(),
  tool: tool.describe('A built-in tool that reads, by its plain name.'),
  arguments: z
    .record(z.string(), z.unknown())
    .default({})
    .describe('`${parameter}` stands for its value. In SQL it becomes a bound parameter; an identifier is quoted.'),
});

const conditionSchema = z.strictObject({
  name: z.string().min(1).max(80),
  expression: z
    .string()
    .describe('Compares measures, parameters and numbers: `failed_count > threshold and rate >= 0.5`.'),
  requires: z.array(tool).min(1).describe('Tools that are denied while the condition is false.'),
  otherwise: z
    .string()
    .optional()
    .describe('If the condition is false, the run ends with this text and the model is not asked.'),
});

const previewSchema = z.strictObject({
  tool: tool.describe('A built-in tool that writes, by its plain name.'),
  arguments: z.record(z.string(), z.unknown()).default({}).describe('`${parameter}` stands for its value.'),
});

const budgetSchema = z.strictObject({
  turns: z.int().min(1).optional(),
  tool_calls: z.int().min(1).optional(),
  tokens: z.int().min(1).optional(),
  dollars: z.number().positive().optional(),
  rows: z.int().min(1).optional().describe('Maximum rows read from all systems together.'),
  database_seconds: z.number().positive().optional(),
});

const shape = z.strictObject({
  $schema: z.string().optional(),
  name: z.string().regex(/^[a-z][a-z0-9-]{0,62}$/, 'must be lower-case letters, digits and -, starting with a letter'),
  title: z.string().min(1),
  description: z.string().optional(),
  parameters: z.record(name, parameterSchema).default({}),
  measures: z.record(name, measureSchema).default({}),
  conditions: z.array(conditionSchema).default([]),
  previews: z
    .array(previewSchema)
    .default([])
    .describe(
      'Writes to preview before the model is asked. Previews change nothing. If one is rejected, the run ends: ' +
        'a job that could only be half done is not started.',
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
    if (Object.hasOwn(runbook.measures, key)) report(['measures', key], 'has the same name as a parameter');
  }
  for (const [key, measure] of Object.entries(runbook.measures)) {
    if (factsOfTool(measure.tool)?.risk !== 'read')
      report(['measures', key, 'tool'], 'must be a built-in tool that reads');
    for (const unknown of unknownReferences(measure.arguments, parameters))
      report(['measures', key, 'arguments'], `unknown parameter '${unknown}'`);
  }
  for (const [index, condition] of runbook.conditions.entries()) {
    const problem = problemOfExpression(condition.expression, [...parameters, ...Object.keys(runbook.measures)]);
    if (problem !== undefined) report(['conditions', index, 'expression'], problem);
  }
  for (const [index, preview] of runbook.previews.entries()) {
    if (factsOfTool(preview.tool)?.risk === 'read')
      report(['previews', index, 'tool'], 'must be a built-in tool that writes');
    for (const unknown of unknownReferences(preview.arguments, parameters))
      report(['previews', index, 'arguments'], `unknown parameter '${unknown}'`);
  }
  for (const [index, grant] of runbook.grants.entries()) {
    for (const unknown of unknownReferences(grant.where, parameters))
      report(['grants', index, 'where'], `unknown parameter '${unknown}'`);
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

/** Why a value is invalid for the parameter, in words; undefined if it is valid. */
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
    return 'must be a name of letters, digits and _, optionally after a schema, such as public.orders';
  if (pattern !== undefined && compilePattern(pattern)?.test(value) !== true) return `must match ${pattern}`;
  return undefined;
}

/** Every `${name}` in the strings of a value whose name is unknown. */
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
      : `unknown parameter or measure '${unknown}'; known: ${known.join(', ') || 'none'}`;
  } catch (error) {
    if (error instanceof ExpressionError) return error.message;
    throw error;
  }
}
