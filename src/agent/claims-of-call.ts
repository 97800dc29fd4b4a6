import { checkClaims, collectHeld } from './claims.ts';
import type { EvidenceStore } from './evidence.ts';
import type { HeldSources } from './claims.ts';
import { factsOfWrite } from './own-tools.ts';
import type { Arguments, ToolSpec } from './tools.ts';

/**
 * The figures, times and ids of everything that would go out, as they stand there, that nothing holds. Where it goes
 * is no claim: destinations are shown, approved and granted by themselves.
 */
export function unverifiedClaims(
  spec: ToolSpec,
  input: Arguments,
  evidence: EvidenceStore,
  texts: HeldSources['texts'],
): readonly string[] {
  const destination = factsOfWrite(spec.plainName)?.destination ?? [];
  const outgoing = Object.entries(input).flatMap(([name, value]) =>
    destination.includes(name) ? [] : stringsIn(value),
  );
  if (outgoing.length === 0) return [];
  const held = collectHeld({ evidence: evidence.list(), texts });
  const unverified = new Set<string>();
  for (const text of outgoing) {
    for (const claim of checkClaims(text, held)) if (claim.status === 'unverified') unverified.add(claim.text);
  }
  return [...unverified];
}

function stringsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  if (typeof value === 'number') return [String(value)];
  if (value === null || typeof value !== 'object') return [];
  return Object.values(value).flatMap(stringsIn);
}
