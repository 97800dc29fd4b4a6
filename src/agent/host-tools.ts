import * as z from 'zod';
import type { PlanStep } from './events.ts';
import type { Arguments, ToolOutcome, ToolSource, ToolSpec } from './tools.ts';

/** A tool that the host answers itself. It touches nothing outside, so it needs no approval and makes no evidence. */
export interface HostTool {
  readonly spec: ToolSpec;
  readonly call: (input: Arguments) => ToolOutcome;
}

const planSchema = z.strictObject({
  steps: z
    .array(
      z.strictObject({
        text: z.string().min(1).max(200),
        status: z.enum(['pending', 'running', 'done', 'skipped']),
      }),
    )
    .min(1)
    .max(30),
});

/** Lets the model maintain a checklist that people see. */
export function createPlanTool(onChange: (steps: readonly PlanStep[]) => void): HostTool {
  return {
    spec: hostSpec({
      name: 'update_plan',
      title: 'Plan',
      description: 'Shows the person your plan as a checklist. Send all steps every time, with their current status.',
      inputSchema: z.toJSONSchema(planSchema),
    }),
    call: (input) => {
      const parsed = planSchema.safeParse(input);
      if (!parsed.success) return invalidInput(parsed.error);
      onChange(parsed.data.steps);
      return { kind: 'result', text: 'Plan shown.', structured: undefined };
    },
  };
}

export function hostSpec(facts: Pick<ToolSpec, 'name' | 'title' | 'description' | 'inputSchema'>): ToolSpec {
  return {
    ...facts,
    plainName: facts.name,
    server: 'host',
    risk: 'read',
    trusted: true,
    preview: false,
    idempotent: true,
  };
}

export function invalidInput(error: z.ZodError): ToolOutcome {
  const message = error.issues.map((issue) => `'${issue.path.join('.')}': ${issue.message}`).join('; ');
  return failure('invalid_arguments', message);
}

export function failure(code: string, message: string, hint?: string): Extract<ToolOutcome, { kind: 'failure' }> {
  const text = hint === undefined ? `${code}: ${message}` : `${code}: ${message}\nHint: ${hint}`;
  return { kind: 'failure', text, failure: { code, message, retryable: false, ...(hint !== undefined && { hint }) } };
}

/** Combines several sources. If two have the same tool name, the first one answers. */
export function combineSources(sources: readonly ToolSource[]): ToolSource {
  const owners = new Map<string, ToolSource>();
  const own = (source: ToolSource, list: readonly ToolSpec[]): readonly ToolSpec[] =>
    list.filter(({ name }) => {
      const owner = owners.get(name) ?? source;
      owners.set(name, owner);
      return owner === source;
    });
  return {
    list: async (signal) => {
      const lists = await Promise.all(sources.map(async (source) => ({ source, list: await source.list(signal) })));
      return lists.flatMap(({ source, list }) => own(source, list));
    },
    listNow: async (signal) => {
      const lists = await Promise.all(
        sources.map(async (source) => ({ source, list: (await source.listNow?.(signal)) ?? [] })),
      );
      return lists.flatMap(({ source, list }) => own(source, list));
    },
    call: async (name, input, options) => {
      const owner = owners.get(name);
      return owner === undefined
        ? failure('not_found', `Tool '${name}' does not exist.`)
        : owner.call(name, input, options);
    },
  };
}
