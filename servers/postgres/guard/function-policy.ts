import type { Catalog, FunctionFact } from '../catalog.ts';
import type { Session } from '../session.ts';
import {
  closedExtensions,
  harmful,
  harmfulOfExtensions,
  harmlessOfExtensions,
  harmlessVolatile,
  knownLanguages,
} from './function-lists.ts';
import { calledNames } from './called-names.ts';

/**
 * Why a function may not be called; undefined lets it pass. The policy is the catalog's own word: immutable and stable
 * functions pass, of the volatile ones a short list. Functions of the database's users are looked into: their label is a
 * claim, and they may call what a query may not.
 */
export async function judgeFunction(
  fact: FunctionFact,
  catalog: Catalog,
  session: Session,
  seen: Set<string> = new Set(),
): Promise<string | undefined> {
  const label = `${fact.schema}.${fact.name}`;
  if (catalog.allows(fact)) return undefined;
  if (seen.has(fact.id)) return undefined;
  seen.add(fact.id);
  if (fact.schema === 'pg_catalog' && fact.extension === undefined) return judgeBuiltIn(fact);
  if (fact.extension !== undefined) return judgeExtension(fact, fact.extension);
  if (catalog.masks) return `${label} is a function of this database, which could show masked columns`;
  if (fact.securityDefiner) return `${label} runs with its owner's rights (SECURITY DEFINER)`;
  if (fact.kind !== 'a' && fact.volatility === 'v') return `${label} is marked VOLATILE, so it may change something`;
  if (!knownLanguages.has(fact.language)) return `${label} is written in ${fact.language}, which cannot be checked`;
  const calls = [...calledNames(fact.source, await catalog.grammar()), ...fact.components];
  if (fact.language === 'plpgsql' && /\bexecute\b/i.test(fact.source))
    return `${label} runs SQL that it makes up (EXECUTE)`;
  for (const candidate of await catalog.functions(calls, session)) {
    const reason = await judgeFunction(candidate, catalog, session, seen);
    if (reason !== undefined) return `${label} calls what may not be called: ${reason}`;
  }
  return undefined;
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
