import type { FunctionFact } from '../catalog-facts.ts';
import {
  closedExtensions,
  harmful,
  harmfulOfExtensions,
  harmlessOfExtensions,
  harmlessVolatile,
} from './function-lists.ts';

/**
 * Why a function of the server itself or of an extension may not be called; undefined lets it pass. The policy is the
 * catalog's own word: immutable and stable functions pass, of the volatile ones a short list.
 */
export function judgeKnown(fact: FunctionFact): string | undefined {
  return fact.extension === undefined ? judgeBuiltIn(fact) : judgeExtension(fact, fact.extension);
}

function judgeBuiltIn(fact: FunctionFact): string | undefined {
  if (harmful.has(fact.name)) return `${fact.name} is not allowed`;
  if (fact.volatility !== 'v' || harmlessVolatile.has(fact.name)) return undefined;
  return `${fact.name} is not allowed: it changes, locks, waits, signals, reads files or runs text as SQL`;
}

function judgeExtension(fact: FunctionFact, extension: string): string | undefined {
  if (closedExtensions.has(extension))
    return `${fact.name} belongs to the extension ${extension}, which is closed here`;
  if (harmfulOfExtensions[extension]?.includes(fact.name) === true) return `${fact.name} runs text as SQL`;
  if (fact.securityDefiner) return `${fact.name} runs with its owner's rights (SECURITY DEFINER)`;
  if (fact.volatility !== 'v' || fact.kind === 'a') return undefined;
  if (harmlessOfExtensions[extension]?.includes(fact.name) === true) return undefined;
  return `${fact.name} of the extension ${extension} is marked VOLATILE, so it may change something`;
}
