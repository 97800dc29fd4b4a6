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
  const outgoing = Object.entries(input).flatMap(([name, value]) => {
    if (facts?.destination.includes(name) === true) return [];
    const placed = facts?.file.includes(name) === true && typeof value === 'string' && isPlaced(value, evidence);
    return placed ? [] : stringsIn(value);
  });
  if (outgoing.length === 0) return [];
  const known = collectKnown({ evidence: evidence.list(), texts });
  const claims = new Map<string, OutgoingClaim>();
  for (const { text, source } of outgoing.flatMap((each) => checkClaims(each, known))) {
    // The same figure may be supported in one place and not in another: as a count or as a name.
    if (claims.has(text) && source !== undefined) continue;
    claims.set(text, { text, supportedBy: source?.label, evidence: source?.evidence });
  }
  return [...claims.values()];
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
