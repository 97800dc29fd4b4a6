import type { PlanNode } from './plan-node.ts';

/** A line of a plan: a step, or the number of steps left out here. */
export type Step =
  | { readonly kind: 'step'; readonly node: PlanNode; readonly depth: number }
  | { readonly kind: 'more'; readonly nodes: readonly PlanNode[]; readonly depth: number };

/** How many similar siblings are shown: the most expensive ones. */
const maxAlike = 5;

/** The steps in order, indented. Of many similar steps under one parent (partitions), only the most expensive. */
export function foldSteps(node: PlanNode, depth = 0): Step[] {
  const groups = new Map<string, PlanNode[]>();
  for (const child of node.children) {
    const form = formOf(child);
    const alike = groups.get(form);
    if (alike === undefined) groups.set(form, [child]);
    else alike.push(child);
  }
  const left = [...groups.values()].map((alike) => {
    if (alike.length <= maxAlike + 1) return [];
    const dearest = new Set(alike.toSorted((a, b) => costOf(b) - costOf(a)).slice(0, maxAlike));
    return alike.filter((child) => !dearest.has(child));
  });
  const hidden = new Set(left.flat());
  const shown = node.children.filter((child) => !hidden.has(child));
  return [
    { kind: 'step', node, depth },
    ...shown.flatMap((child) => foldSteps(child, depth + 1)),
    ...left.filter((nodes) => nodes.length > 0).map((nodes): Step => ({ kind: 'more', nodes, depth: depth + 1 })),
  ];
}

/** What makes two steps similar: everything except names, conditions and figures. */
function formOf(node: PlanNode): string {
  const conditions = [node['Index Cond'], node['Hash Cond'], node.Filter].map((one) => (one === undefined ? '' : '?'));
  return `${node['Node Type']}/${node['Join Type'] ?? ''}/${conditions.join()}(${[...new Set(node.children.map(formOf))].join()})`;
}

function costOf(node: PlanNode): number {
  const time = node['Actual Total Time'];
  return time === undefined ? node['Total Cost'] : time * (node['Actual Loops'] ?? 1);
}

/** The lines that fit, and how many were left out. */
export function linesThatFit(lines: readonly string[], maxBytes: number): string[] {
  let bytes = 0;
  const tooMany = lines.findIndex((line) => (bytes += Buffer.byteLength(line) + 4) > maxBytes);
  return tooMany < 0 ? [...lines] : [...lines.slice(0, tooMany), `... and ${lines.length - tooMany} more`];
}
