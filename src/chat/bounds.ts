import type { EvidenceView } from '../agent/events.ts';
import type { ChatState, RunItem, RunView } from './chat-state.ts';

/** Keeps the state of a session of any length to a few megabytes. The session file has everything. */
const limits = {
  runs: 40,
  /** This many of the newest runs are kept in full. Older runs lose their thinking and answered cards. */
  runsInFull: 8,
  items: 400,
  rows: 200,
  cellCharacters: 1000,
  /** Size of one piece of evidence as JSON. The next limit is for all evidence combined. */
  evidenceCharacters: 500_000,
  allEvidenceCharacters: 3_000_000,
  allImageCharacters: 6_000_000,
} as const;

/** Call after adding a run. Drops the oldest runs with their evidence, and the heavy parts of older runs. */
export function boundRuns(state: ChatState): ChatState {
  const excess = Math.max(0, state.runs.length - limits.runs);
  const kept = state.runs.slice(excess);
  const runs = kept.map((run, index) => (index < kept.length - limits.runsInFull ? lighten(run) : run));
  if (excess === 0) return { ...state, runs };
  const named = new Set(runs.flatMap((run) => run.items.flatMap(evidenceOf)));
  const evidence = state.evidence.filter(({ id }) => named.has(id));
  return { ...state, runs, evidence, droppedRuns: state.droppedRuns + excess };
}

/** Call after adding images. The oldest calls lose theirs if the total is too large. */
export function boundImages(state: ChatState): ChatState {
  let left: number = limits.allImageCharacters;
  const runs = state.runs.toReversed().map((run) => {
    const items = run.items.toReversed().map((item) => {
      if (item.kind !== 'call' || item.images.length === 0) return item;
      left -= item.images.reduce((size, { data }) => size + data.length, 0);
      return left >= 0 ? item : { ...item, images: [] };
    });
    return items.every((item, index) => item === run.items.at(-1 - index)) ? run : { ...run, items: items.reverse() };
  });
  return { ...state, runs: runs.reverse() };
}

/** Call after adding an item. */
export function boundItems(run: RunView): RunView {
  const excess = run.items.length - limits.items;
  if (excess <= 0) return run;
  const turnStart = Math.max(0, run.turnStart - excess);
  return { ...run, items: run.items.slice(excess), turnStart, droppedItems: run.droppedItems + excess };
}

/** Adds evidence with its rows truncated. The oldest evidence loses its rows if the total is too large. */
export function addBounded(evidence: readonly EvidenceView[], added: EvidenceView): readonly EvidenceView[] {
  const all = [...evidence.filter(({ id }) => id !== added.id), { ...added, rows: boundRows(added.rows) }];
  let left: number = limits.allEvidenceCharacters;
  return all
    .toReversed()
    .map((view) => {
      left -= sizeOf(view.rows);
      return left >= 0 || view.rows.length === 0 ? view : { ...view, rows: [] };
    })
    .toReversed();
}

/** The first rows, as many as a view can hold. */
export function boundRows(rows: EvidenceView['rows']): EvidenceView['rows'] {
  const short = rows.slice(0, limits.rows).map((row) => row.map(boundCell));
  let left: number = limits.evidenceCharacters;
  const end = short.findIndex((row) => {
    left -= JSON.stringify(row).length;
    return left < 0;
  });
  return end === -1 ? short : short.slice(0, end);
}

function boundCell(cell: unknown): unknown {
  if (typeof cell !== 'string' && (typeof cell !== 'object' || cell === null)) return cell;
  const text = typeof cell === 'string' ? cell : JSON.stringify(cell);
  return text.length > limits.cellCharacters ? `${text.slice(0, limits.cellCharacters)}…` : cell;
}

const sizes = new WeakMap<EvidenceView['rows'], number>();

/** Cached, because the same rows are measured again whenever evidence is added. */
function sizeOf(rows: EvidenceView['rows']): number {
  const size = sizes.get(rows) ?? JSON.stringify(rows).length;
  sizes.set(rows, size);
  return size;
}

/** Returns the same object if there is nothing to remove, so that it is not rendered again. */
function lighten(run: RunView): RunView {
  if (!run.items.some((item) => item.kind === 'thinking' || (item.kind === 'call' && item.request !== undefined))) {
    return run;
  }
  const items = run.items.filter(({ kind }) => kind !== 'thinking').map(lightenItem);
  return { ...run, items };
}

function lightenItem(item: RunItem): RunItem {
  return item.kind === 'call' && item.request !== undefined ? { ...item, request: undefined } : item;
}

function evidenceOf(item: RunItem): readonly string[] {
  return item.kind === 'call' ? item.evidence : [];
}
