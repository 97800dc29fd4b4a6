import * as z from 'zod';
import { defineTool } from '../../kit/define-tool.ts';
import type { Databases } from '../databases.ts';
import { plannedAway, plannedAwayHint } from '../generic-plan.ts';
import { adviceSchema, adviseIndexes } from '../index-advice.ts';
import { planSteps, stepSchema } from '../plan-steps.ts';
import { readPlan, summarize } from '../plan.ts';

const input = z.strictObject({
  query: z.string().trim().min(1, 'must be one SELECT').describe('One SELECT'),
  params: z
    .array(z.unknown())
    .max(1000)
    .optional()
    .describe('Values of $1, $2, ...; if omitted, a plan for any values'),
  analyze: z.boolean().default(false).describe('Also run it, for real times and rows'),
  database: z.string().optional(),
});
const output = z.object({
  plan: z.array(z.string()),
  total_cost: z.number(),
  estimated_rows: z.number(),
  execution_ms: z.number().optional(),
  actual_rows: z.number().optional(),
  hints: z.array(z.string()),
  steps: z.array(stepSchema),
  indexes: z.array(adviceSchema).optional(),
});

export default defineTool<typeof input, typeof output, Databases>({
  name: 'explain_query',
  title: 'Explain a query',
  description: 'How PostgreSQL would run a SELECT: where time and rows go, missing indexes, wrong estimates.',
  input,
  output,
  run: async ({ query, params, analyze, database }, { connection, signal, progress }) => {
    const io = { signal, progress: (message: string) => progress(message) };
    const chosen = connection.pick(database);
    const json = await chosen.explain(query, params ?? [], analyze, io);
    const plan = readPlan(json);
    const summary = summarize(plan, chosen.settings.budget.maxResultBytes);
    if (plannedAway(plan.root, params ?? [])) summary.hints.unshift(plannedAwayHint);
    const facts = [`cost ${summary.total_cost}, about ${summary.estimated_rows} rows`];
    if (summary.execution_ms !== undefined) facts.push(`ran ${summary.execution_ms} ms, ${summary.actual_rows} rows`);
    const indexes = await adviseIndexes(chosen, plan.root, io);
    const hints = summary.hints.map((hint) => `hint: ${hint}`);
    return {
      structured: { ...summary, steps: planSteps(plan.root), ...(indexes.length > 0 && { indexes }) },
      text: [facts.join('; '), ...summary.plan, ...hints].join('\n'),
    };
  },
});
