import type { FunctionFact } from '../catalog/facts.ts';
import { closedExtensions, extensionLists } from './extension-lists.ts';
import { harmful, harmlessVolatile } from './function-lists.ts';

/**
 * Why a function of the server itself may not be called; undefined lets it pass. The policy is the catalog's own word:
 * immutable and stable functions pass, of the volatile ones a short list.
 */
export function judgeBuiltIn(fact: FunctionFact): string | undefined {
  if (harmful.has(fact.name)) return `${fact.name} is not allowed`;
  if (fact.volatility !== 'v' || harmlessVolatile.has(fact.name)) return undefined;
  return `${fact.name} is not allowed: it changes, locks, waits, signals, reads files or runs text as SQL`;
}

/**
 * The same for a function of an extension. Its own word is believed only where it takes no text that it could run as
 * SQL, or where somebody has read it; `look` is the answer for those whose body can be read here.
 * @param call `chosen` where a view, index or check has the call: its owner chose the arguments.
 */
export function judgeExtension(
  fact: FunctionFact,
  extension: string,
  call: 'named' | 'chosen',
  masks: boolean,
): string | undefined {
  const { name } = fact;
  if (closedExtensions.has(extension)) return `${name} belongs to the extension ${extension}, which is closed here`;
  const list = extensionLists[extension];
  if (has(list?.shows, fact))
    return masks && call === 'named'
      ? `${name} reads a table that it is given as text, past column masking`
      : undefined;
  if (fact.securityDefiner && call === 'named') return `${name} runs with its owner's rights (SECURITY DEFINER)`;
  if (fact.volatility === 'v' && fact.kind !== 'a')
    return has(list?.reads, fact)
      ? undefined
      : `${name} of the extension ${extension} is marked VOLATILE, so it may change something`;
  if (!fact.takesText || call === 'chosen' || has(list?.computes, fact)) return undefined;
  if (list === undefined ? fact.language !== 'c' : !has(list.runsText, fact) && fact.language !== 'c') return 'look';
  return has(list?.runsText, fact)
    ? `${name} of the extension ${extension} runs text as SQL`
    : `${name} of the extension ${extension} takes a text that it could run as SQL, and is not among the functions that were read`;
}

/** Entries are names, or `name(types)` where only some of a name's overloads pass. */
function has(entries: string | undefined, { name, signature }: FunctionFact): boolean {
  return entries !== undefined && wordsOf(entries).some((entry) => entry === name || entry === `${name}(${signature})`);
}

const split = new Map<string, readonly string[]>();

function wordsOf(entries: string): readonly string[] {
  const known = split.get(entries) ?? entries.trim().split(/\s+/);
  split.set(entries, known);
  return known;
}
