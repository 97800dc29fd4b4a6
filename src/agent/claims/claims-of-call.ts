import type { OutgoingClaim } from '../approval.ts';
import { checkClaims, collectKnown, type KnownSources } from './claims.ts';
import type { EvidenceStore } from '../evidence/store.ts';
import { renderCsv } from '../evidence/csv.ts';
import { factsOfWrite } from '../../../servers/contract/tool-facts.ts';
import type { Arguments, ToolSpec } from '../tools.ts';

/**
 * The figures, times and ids in everything that would go out, and what supports them. The destination is not a claim:
 * destinations are shown, approved and granted separately. Neither is a file made of all rows of one result.
 */
export function claimsOfCall(
  spec: ToolSpec,
  input: Arguments,
  evidence: EvidenceStore,
  texts: KnownSources['texts'],
): readonly OutgoingClaim[] {
  const facts = factsOfWrite(spec.plainName);
  const outgoing = Object.entries(input).flatMap(([argument, value]) => {
    if (facts?.destination.includes(argument) === true) return [];
    const placed = facts?.file.includes(argument) === true && typeof value === 'string' && isPlaced(value, evidence);
    return placed ? [] : stringsIn(value).map((text) => ({ argument, text }));
  });
  if (outgoing.length === 0) return [];
  const known = collectKnown({ evidence: evidence.list(), texts });
  const claims = new Map<string, OutgoingClaim>();
  const places = new Map<string, Set<string>>();
  for (const { argument, text: written } of outgoing)
    for (const { text, source, suggestion } of checkClaims(written, known)) {
      const place = places.get(text) ?? new Set();
      places.set(text, place.add(argument));
      // The same figure may be supported in one place and not in another: as a count or as a name.
      if (claims.has(text) && source !== undefined) continue;
      const supported = { text, supportedBy: source?.label, evidence: source?.evidence };
      claims.set(
        text,
        suggestion === undefined ? supported : { ...supported, suggestion: { ...suggestion, arguments: [] } },
      );
    }
  return [...claims].map(([text, claim]) => {
    const { suggestion } = claim;
    const where = [...(places.get(text) ?? [])];
    return suggestion === undefined ? claim : { ...claim, suggestion: { ...suggestion, arguments: where } };
  });
}

function isPlaced(content: string, evidence: EvidenceStore): boolean {
  return evidence.list().some(({ columns, rows }) => columns.length > 0 && renderCsv(columns, rows) === content);
}

function stringsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  if (typeof value === 'number') return [String(value)];
  if (value === null || typeof value !== 'object') return [];
  return Object.values(value).flatMap(stringsIn);
}
