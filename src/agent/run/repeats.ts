import { canonicalJson, sha256Hex } from '../digest.ts';
import type { Evidence } from '../evidence/types.ts';
import type { Arguments, ToolSpec } from '../tools.ts';

/** The third identical read says nothing new; a model that repeats it is stuck. */
const mostRepeats = 2;
/** Live systems change: a result older than this may be asked for again. */
const freshMs = 60_000;

/** Notices a model that asks the same again: the same call, the same result, and nothing written since. */
export interface Repeats {
  /** What to say instead of the call; undefined where it may run: then it counts as under way until it is settled. */
  readonly refuse: (callId: string, spec: ToolSpec, input: Arguments) => string | undefined;
  /** Without evidence the call brought no result, and counts for nothing. */
  readonly settle: (callId: string, evidence: Evidence | undefined) => void;
  /** A write went out: what was read before may have changed. */
  readonly forget: () => void;
}

interface Answered {
  /** Of the rows, or of the whole result. */
  readonly result: string;
  /** Ids of the results that said the same, the newest last. */
  readonly evidence: readonly string[];
  readonly at: number;
}

export function createRepeats(now: () => Date): Repeats {
  const answers = new Map<string, Answered>();
  /** Key of the call by its id. */
  const underWay = new Map<string, string>();
  return {
    refuse: (callId, spec, input) => {
      if (!isCounted(spec)) return undefined;
      const key = sha256Hex(canonicalJson([spec.name, input]));
      const answer = answers.get(key);
      const isFresh = answer !== undefined && now().getTime() - answer.at < freshMs;
      const same = isFresh ? answer.evidence : [];
      const beside = [...underWay.values()].filter((other) => other === key).length;
      if (same.length + beside < mostRepeats) {
        underWay.set(callId, key);
        return undefined;
      }
      return same.length >= mostRepeats
        ? `This exact call gave the same result ${same.length} times (${same.join(', ')}), and nothing was written since.`
        : 'This exact call is already being made in this turn.';
    },
    settle: (callId, evidence) => {
      const key = underWay.get(callId);
      underWay.delete(callId);
      if (key === undefined || evidence === undefined) return;
      const { columns, rows } = evidence;
      const result = columns.length === 0 ? evidence.sha256 : sha256Hex(canonicalJson({ columns, rows }));
      const before = answers.get(key);
      const ids = before?.result === result ? before.evidence : [];
      answers.set(key, { result, evidence: [...ids, evidence.id], at: now().getTime() });
    },
    forget: () => answers.clear(),
  };
}

/** A third party's "read" may move on by itself: a snapshot, a queue, a page that loads. */
function isCounted({ risk, trusted }: ToolSpec): boolean {
  return risk === 'read' && trusted;
}
