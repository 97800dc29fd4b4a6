import * as z from 'zod';

/** The fields of EXPLAIN (FORMAT JSON) that the summary reads. https://www.postgresql.org/docs/18/using-explain.html */
export const fields = z.looseObject({
  'Node Type': z.string(),
  'Join Type': z.string().optional(),
  'Relation Name': z.string().optional(),
  Alias: z.string().optional(),
  'Index Name': z.string().optional(),
  'CTE Name': z.string().optional(),
  'Function Name': z.string().optional(),
  'Total Cost': z.number(),
  'Plan Rows': z.number(),
  'Actual Rows': z.number().optional(),
  'Actual Loops': z.number().optional(),
  'Actual Total Time': z.number().optional(),
  'Rows Removed by Filter': z.number().optional(),
  Filter: z.string().optional(),
  'One-Time Filter': z.string().optional(),
  'Index Cond': z.string().optional(),
  'Hash Cond': z.string().optional(),
  'Sort Key': z.array(z.string()).optional(),
  'Sort Space Type': z.string().optional(),
  'Sort Space Used': z.number().optional(),
  'Hash Batches': z.number().optional(),
  'Lossy Heap Blocks': z.number().optional(),
  'Shared Hit Blocks': z.number().optional(),
  'Shared Read Blocks': z.number().optional(),
});

export type PlanNode = z.infer<typeof fields> & { readonly children: readonly PlanNode[] };
