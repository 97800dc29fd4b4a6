import type { FunctionFact } from '../catalog/facts.ts';
import { closedExtensions, extensionLists } from './extension-lists.ts';
import { harmful, harmlessVolatile } from './function-lists.ts';

/**
 * Why a built-in function is not allowed; undefined if it is. The policy trusts the catalog: immutable and stable
 * functions are allowed, and a short list of volatile ones.
 */
export function judgeBuiltIn(fact: FunctionFact): string | undefined {
  if (harmful.has(fact.name)) return `${fact.name} is not allowed`;
  if (fact.volatility !== 'v' || harmlessVolatile.has(fact.name)) return undefined;
  return `${fact.name} is not allowed: it changes, locks, waits, signals, reads files or runs text as SQL`;
}

/**
 * The same for an extension function. Its volatility is trusted only if it takes no text that it could run as SQL, or
 * if it was reviewed; `look` gives the answer for functions whose body can be inspected here.
 * @param call `chosen` if a view, index or check makes the call: its owner chose the arguments.
 */
export function judgeExtension(
  fact: FunctionFact,
  extension: string,
  call: 'named' | 'chosen',
  masks: boolean,
): string | undefined {
  const { name } = fact;
  if (closedExtensions.has(extension)) return `${name} belongs to the extension ${extension}, which is blocked here`;
  const list = extensionLists[extension];
  if (has(list?.shows, fact))
    return masks && call === 'named' ? `${name} reads a table named in a text, bypassing column masking` : undefined;
  if (fact.securityDefiner && call === 'named') return `${name} runs with its owner's rights (SECURITY DEFINER)`;
  if (fact.volatility === 'v' && fact.kind !== 'a')
    return has(list?.reads, fact)
      ? undefined
      : `${name} of the extension ${extension} is marked VOLATILE, so it may change something`;
  if (!fact.takesText || call === 'chosen' || has(list?.computes, fact)) return undefined;
  if (list === undefined ? fact.language !== 'c' : !has(list.runsText, fact) && fact.language !== 'c') return 'look';
  return has(list?.runsText, fact)
    ? `${name} of the extension ${extension} runs text as SQL`
    : `${name} of the extension ${extension} takes a text that it could run as SQL, and has not been reviewed`;
}

/** Entries are names, or `name(types)` if only some overloads are allowed. */
function has(entries: string | undefined, { name, signature }: FunctionFact): boolean {
  return entries !== undefined && wordsOf(entries).some((entry) => entry === name || entry === `${name}(${signature})`);
}

const split = new Map<string, readonly string[]>();

function wordsOf(entries: string): readonly string[] {
  const known = split.get(entries) ?? entries.trim().split(/\s+/);
  split.set(entries, known);
  return known;
}
