import type { Parsed } from './parse.ts';
import { refuse } from './refusal.ts';
import { isTree, locationOf, nameParts, walk, type Tree } from './tree.ts';

/** Functions that make a text as long as a number says, with the place of the number among their arguments. */
const makers: ReadonlyMap<string, number> = new Map([
  ['repeat', 1],
  ['lpad', 1],
  ['rpad', 1],
  ['array_fill', 1],
]);
/** A gigabyte is made by a few bytes of SQL, while planning, where no timeout is honoured: repeat(repeat('x', 9e6), 99). */
const longestText = 10_000_000;

/** Refuses constants that would fill the server's memory. What a column says cannot be known here. */
export function checkMemory({ tree, sql }: Parsed): void {
  walk(tree, (kind, node) => {
    if (kind !== 'FuncCall' || factorOf(node) === undefined) return;
    if (product(node) > longestText)
      throw refuse('memory', `A text of more than ${longestText} characters would be made.`, 'Use a smaller number.', {
        sql,
        byte: locationOf(node),
      });
  });
}

/** All makers nested in one another multiply. */
function product(node: Tree): number {
  let inner = 1;
  walk(node['args'], (kind, argument) => {
    if (kind === 'FuncCall' && argument !== node)
      inner = Math.max(inner, factorOf(argument) === undefined ? 1 : product(argument));
  });
  return inner * Math.max(1, factorOf(node) ?? 1);
}

function factorOf(call: Tree): number | undefined {
  const place = makers.get(nameParts(call['funcname']).at(-1) ?? '');
  if (place === undefined || !Array.isArray(call['args'])) return undefined;
  let largest = 1;
  walk(call['args'][place], (kind, constant) => {
    if (kind !== 'A_Const') return;
    const { ival, fval, sval } = constant;
    const value = isTree(ival) ? ival['ival'] : isTree(fval) ? fval['fval'] : isTree(sval) ? sval['sval'] : undefined;
    largest = Math.max(largest, Number(value ?? 0) || 0);
  });
  return largest;
}
