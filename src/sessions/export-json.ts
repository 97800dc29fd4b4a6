import { EvidenceLostError, type EvidenceStore } from '../agent/evidence/store.ts';
import type { Evidence } from '../agent/evidence/types.ts';
import { safeJson } from './safe-json.ts';
import type { SessionContent } from './session-record.ts';

/** A session for other programs: every event with its time, and every complete result with its sha256. */
export function exportJson({ id, title, created, events, damage }: SessionContent, evidence: EvidenceStore): string {
  const session = { id, title, created, damage, events, evidence: evidence.list().map(wholeEvidence) };
  return `${safeJson(session, 2)}\n`;
}

function wholeEvidence(evidence: Evidence) {
  const { id, tool, server, title, arguments: input, time, rowCount, truncated, sha256 } = evidence;
  const facts = { id, tool, server, title, arguments: input, time, rowCount, truncated, sha256 };
  try {
    return { ...facts, value: evidence.value };
  } catch (error) {
    if (error instanceof EvidenceLostError) return { ...facts, lost: error.message };
    throw error;
  }
}
