import type { EvidenceView } from '../agent/events.ts';
import type { ChatState, RunItem, RunView } from './chat-state.ts';

/** A session of any length stays a state of a few megabytes: what is left out here is in the session file. */
const limits = {
  runs: 40,
  /** Of the newest runs everything is kept; of older ones no rows, no cards, no thinking. */
  runsInFull: 8,
  items: 400,
  rows: 200,
  cellCharacters: 1000,
} as const;

/** To be called after a run was added. Drops the oldest runs and what is heavy in older ones. */
export function boundRuns(state: ChatState): ChatState {
  const excess = Math.max(0, state.runs.length - limits.runs);
  const runs = state.runs.slice(excess);
  const firstInFull = runs.length - limits.runsInFull;
  if (firstInFull <= 0) return state;
  const full = new Set(runs.slice(firstInFull).flatMap((run) => run.items.flatMap(evidenceOf)));
  const named = new Set(runs.flatMap((run) => run.items.flatMap(evidenceOf)));
  return {
    ...state,
    runs: runs.map((run, index) => (index < firstInFull ? lighten(run) : run)),
    droppedRuns: state.droppedRuns + excess,
    evidence: state.evidence.flatMap((evidence) => {
      if (full.has(evidence.id)) return [evidence];
      return named.has(evidence.id) ? [{ ...evidence, rows: [] }] : [];
    }),
  };
}

/** To be called after an item was added. */
export function boundItems(run: RunView): RunView {
  const excess = run.items.length - limits.items;
  if (excess <= 0) return run;
  return { ...run, items: run.items.slice(excess), droppedItems: run.droppedItems + excess };
}

export function boundEvidence(evidence: EvidenceView): EvidenceView {
  const rows = evidence.rows.slice(0, limits.rows).map((row) => row.map(boundCell));
  return { ...evidence, rows };
}

function boundCell(cell: unknown): unknown {
  if (typeof cell !== 'string' && (typeof cell !== 'object' || cell === null)) return cell;
  const text = typeof cell === 'string' ? cell : JSON.stringify(cell);
  return text.length > limits.cellCharacters ? `${text.slice(0, limits.cellCharacters)}…` : cell;
}

function lighten(run: RunView): RunView {
  const items = run.items.filter(({ kind }) => kind !== 'thinking').map(lightenItem);
  return { ...run, items };
}

function lightenItem(item: RunItem): RunItem {
  return item.kind === 'call' && item.request !== undefined ? { ...item, request: undefined } : item;
}

function evidenceOf(item: RunItem): readonly string[] {
  return item.kind === 'call' ? item.evidence : [];
}
