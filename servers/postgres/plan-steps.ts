import * as z from 'zod';
import { foldSteps, type Step } from './plan-fold.ts';
import type { PlanNode } from './plan-node.ts';

/** One step of a plan in numbers, for a view of it. Times and rows are totals of all loops. */
export const stepSchema = z.object({
  depth: z.int(),
  /** `Seq Scan on orders`, or how many similar steps were left out. */
  what: z.string(),
  condition: z.string().optional(),
  estimated_rows: z.number(),
  cost: z.number(),
  rows: z.number().optional(),
  loops: z.number().optional(),
  /** Without the steps below. */
  own_ms: z.number().optional(),
  discarded_rows: z.number().optional(),
  /** Blocks of 8 kB from memory and from disk, with the steps below. */
  hit_blocks: z.number().optional(),
  read_blocks: z.number().optional(),
});
export type PlanStep = z.infer<typeof stepSchema>;

const maxSteps = 60;
const maxCondition = 200;

/** The most expensive of many similar steps, as in the text, in the order of the plan. */
export function planSteps(root: PlanNode): PlanStep[] {
  return foldSteps(root).slice(0, maxSteps).map(describe);
}

function describe(step: Step): PlanStep {
  if (step.kind === 'more') {
    const total = (of: (node: PlanNode) => number): number =>
      round(step.nodes.reduce((sum, node) => sum + of(node), 0));
    return {
      depth: step.depth,
      what: `${step.nodes.length} more like this`,
      estimated_rows: total((node) => node['Plan Rows']),
      cost: total((node) => node['Total Cost']),
      ...(step.nodes.some((node) => node['Actual Loops'] !== undefined) && {
        rows: total(allRows),
        own_ms: total(ownTime),
      }),
    };
  }
  const { node, depth } = step;
  const loops = node['Actual Loops'];
  const condition = node['Index Cond'] ?? node['Hash Cond'] ?? node.Filter ?? node['Sort Key']?.join(', ');
  return {
    depth,
    what: nameOf(node),
    ...(condition !== undefined && { condition: shorten(condition) }),
    estimated_rows: node['Plan Rows'] * (loops ?? 1),
    cost: round(node['Total Cost']),
    ...(loops !== undefined && { loops, rows: round(allRows(node)), own_ms: round(ownTime(node)) }),
    ...(loops !== undefined && { discarded_rows: round((node['Rows Removed by Filter'] ?? 0) * loops) }),
    ...(node['Shared Hit Blocks'] !== undefined && { hit_blocks: node['Shared Hit Blocks'] }),
    ...(node['Shared Read Blocks'] !== undefined && { read_blocks: node['Shared Read Blocks'] }),
  };
}

function nameOf(node: PlanNode): string {
  const target = node['Relation Name'] ?? node['CTE Name'] ?? node['Function Name'];
  const parts = [node['Node Type']];
  if (node['Join Type'] !== undefined && node['Join Type'] !== 'Inner') parts.push(`(${node['Join Type']})`);
  if (node['Index Name'] !== undefined) parts.push(`using ${node['Index Name']}`);
  if (target !== undefined) parts.push(`on ${target}`);
  return parts.join(' ');
}

function shorten(text: string): string {
  return text.length > maxCondition ? `${text.slice(0, maxCondition)}...` : text;
}

function allRows(node: PlanNode): number {
  return (node['Actual Rows'] ?? 0) * (node['Actual Loops'] ?? 1);
}

function totalTime(node: PlanNode): number {
  return (node['Actual Total Time'] ?? 0) * (node['Actual Loops'] ?? 1);
}

/** Times are per loop and include the children. */
function ownTime(node: PlanNode): number {
  return Math.max(0, totalTime(node) - node.children.reduce((sum, child) => sum + totalTime(child), 0));
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
