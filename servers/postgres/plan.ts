import { fields, type PlanNode } from './plan-node.ts';
import * as z from 'zod';
import { ToolError } from '../kit/errors.ts';
import { quoteName } from './identifiers.ts';
import { foldSteps, linesThatFit } from './plan-fold.ts';

// One object, not an intersection, for speed: a plan over a thousand partitions has a node for each.
const nodeSchema: z.ZodType<PlanNode> = z.lazy(() =>
  z.object({ ...fields.shape, Plans: z.array(nodeSchema).default([]) }).transform(({ Plans, ...node }) => ({
    ...node,
    children: Plans,
  })),
);
const explainSchema = z.tuple([z.looseObject({ Plan: nodeSchema, 'Execution Time': z.number().optional() })]);

export interface Plan {
  readonly root: PlanNode;
  readonly executionMs: number | undefined;
}

export function readPlan(json: string): Plan {
  if (json === '[]')
    throw new ToolError('too_large', 'The plan is larger than one answer may be (DB_MAX_BYTES).', {
      hint: 'Explain part of the query, or use one partition instead of the whole table.',
    });
  const parsed = explainSchema.safeParse(JSON.parse(json));
  if (!parsed.success) throw new ToolError('upstream_error', 'PostgreSQL returned a plan in an unknown format.');
  const [{ Plan: root, 'Execution Time': executionMs }] = parsed.data;
  return { root, executionMs };
}

export interface PlanSummary {
  /** One indented line per step, with its estimated cost and its actual time. */
  plan: string[];
  total_cost: number;
  estimated_rows: number;
  execution_ms?: number;
  actual_rows?: number;
  hints: string[];
}

/** Limits in bytes for the plan's lines and the hints, in each of the answer's two forms. */
const maxPlanBytes = 6500;
const maxHintBytes = 2000;

export function summarize({ root, executionMs }: Plan, maxBytes = Infinity): PlanSummary {
  const steps = flatten(root);
  const actual = root['Actual Rows'];
  const lines = foldSteps(root).map((step) =>
    step.kind === 'step'
      ? describeStep(step.node, step.depth, executionMs)
      : describeMore(step.nodes, step.depth, executionMs),
  );
  return {
    plan: linesThatFit(lines, Math.min(maxPlanBytes, maxBytes)),
    total_cost: Math.round(root['Total Cost']),
    estimated_rows: root['Plan Rows'],
    ...(executionMs !== undefined && { execution_ms: round(executionMs) }),
    ...(actual !== undefined && { actual_rows: Math.round(actual) }),
    hints: linesThatFit([...new Set(steps.flatMap(({ node, parent }) => hintsOf(node, parent)))], maxHintBytes),
  };
}

interface Placed {
  readonly node: PlanNode;
  readonly parent: PlanNode | undefined;
}

function flatten(node: PlanNode, parent?: PlanNode): Placed[] {
  return [{ node, parent }, ...node.children.flatMap((child) => flatten(child, node))];
}

/** Totals of similar steps, in one line. */
function describeMore(nodes: readonly PlanNode[], depth: number, executionMs: number | undefined): string {
  const sum = (of: (node: PlanNode) => number): number => nodes.reduce((total, node) => total + of(node), 0);
  const numbers = [`rows ${sum((node) => node['Plan Rows'])}`, `cost ${Math.round(sum((node) => node['Total Cost']))}`];
  if (executionMs !== undefined) {
    numbers[0] += ` -> ${round(sum((node) => (node['Actual Rows'] ?? 0) * (node['Actual Loops'] ?? 1)))}`;
    numbers.push(`${round(sum(totalTime))} ms`);
  }
  return `${'  '.repeat(depth)}... ${nodes.length} more like this [${numbers.join(', ')} in total]`;
}

function describeStep(node: PlanNode, depth: number, executionMs: number | undefined): string {
  const target = node['Relation Name'] ?? node['CTE Name'] ?? node['Function Name'];
  const parts = [node['Node Type']];
  if (node['Join Type'] !== undefined && node['Join Type'] !== 'Inner') parts.push(`(${node['Join Type']})`);
  if (node['Index Name'] !== undefined) parts.push(`using ${node['Index Name']}`);
  if (target !== undefined) parts.push(`on ${target}`);
  const condition = node['Index Cond'] ?? node['Hash Cond'] ?? node.Filter ?? node['Sort Key']?.join(', ');
  if (condition !== undefined) parts.push(shortCondition(condition));
  const numbers = [`rows ${node['Plan Rows']}`, `cost ${Math.round(node['Total Cost'])}`];
  const loops = node['Actual Loops'];
  if (node['Actual Rows'] !== undefined && loops !== undefined) {
    numbers[0] = `rows ${node['Plan Rows']} -> ${round(node['Actual Rows'])}${loops > 1 ? ` x ${loops} loops` : ''}`;
    const own = ownTime(node);
    const share = executionMs === undefined || executionMs === 0 ? 0 : Math.round((own / executionMs) * 100);
    numbers.push(`${round(own)} ms of its own${share >= 20 ? ` (${share} %)` : ''}`);
  }
  return `${'  '.repeat(depth)}${parts.join(' ')} [${numbers.join(', ')}]`;
}

function shortCondition(text: string): string {
  const plain = text.replaceAll(/::[a-z_ ]+(\[\])?/g, '');
  return plain.length > 80 ? `${plain.slice(0, 80)}...` : plain;
}

/** Times are per loop and include the children. */
function ownTime(node: PlanNode): number {
  return Math.max(0, totalTime(node) - node.children.reduce((sum, child) => sum + totalTime(child), 0));
}

function totalTime(node: PlanNode): number {
  return (node['Actual Total Time'] ?? 0) * (node['Actual Loops'] ?? 1);
}

/** A scan that reads this much more than it keeps would benefit from an index. */
const wasteful = 9;

function hintsOf(node: PlanNode, parent: PlanNode | undefined): string[] {
  const hints: string[] = [];
  const loops = node['Actual Loops'] ?? 1;
  const actual = node['Actual Rows'];
  const removed = (node['Rows Removed by Filter'] ?? 0) * loops;
  const name = node['Relation Name'];
  const table = name === undefined ? undefined : quoteName(name);
  if (/^(Parallel )?Seq Scan$/.test(node['Node Type']) && node.Filter !== undefined && table !== undefined) {
    const measured = actual !== undefined && removed >= 1000 && removed >= wasteful * actual * loops;
    const guessed = actual === undefined && node['Total Cost'] >= 1000 && node['Plan Rows'] * 20 < node['Total Cost'];
    const columns = conditionColumns(node.Filter);
    if ((measured || guessed) && columns.length > 0)
      hints.push(
        `${table} is read in full${measured ? ` and ${removed} rows are discarded` : ''}: an index on (${columns.join(', ')}) could help`,
      );
  }
  if (actual !== undefined && parent?.['Node Type'] !== 'Limit' && node['Node Type'] !== 'Limit') {
    const factor = Math.max(actual, 1) / Math.max(node['Plan Rows'], 1);
    if ((factor >= 10 || factor <= 0.1) && Math.max(actual, node['Plan Rows']) >= 100)
      hints.push(
        `${node['Node Type']}${table === undefined ? '' : ` on ${table}`} was expected to return ${node['Plan Rows']} rows but returned ${round(actual)}: statistics may be outdated (ANALYZE) or columns correlated`,
      );
  }
  if (node['Sort Space Type'] === 'Disk')
    hints.push(`a sort spilled to disk (${node['Sort Space Used']} kB): sort fewer rows or columns`);
  if ((node['Hash Batches'] ?? 1) > 1) hints.push(`a hash did not fit in memory (${node['Hash Batches']} batches)`);
  if ((node['Lossy Heap Blocks'] ?? 0) > 0) hints.push('a bitmap became lossy: work_mem is too small for it');
  if (parent?.['Node Type'] === 'Nested Loop' && /Seq Scan/.test(node['Node Type']) && loops >= 100)
    hints.push(`${table ?? 'a table'} is read in full ${loops} times: an index on its join column could help`);
  return hints;
}

/** Finds status and total in `((status = 'failed') AND (total > 5))`. */
function conditionColumns(condition: string): string[] {
  const names = [
    ...condition.matchAll(
      /(?<![\w'."])\(*("(?:[^"]|"")+"|[a-z_]\w*)\)?(?:::[a-z_ ]+)? (?:=|<|>|<=|>=|~~|@>|&&|= ANY|IS NOT DISTINCT) /gi,
    ),
  ];
  return [...new Set(names.map((match) => match[1] ?? ''))].slice(0, 3);
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
