import { canonicalJson } from '../../../servers/contract/canonical-json.ts';
import { sha256Hex } from '../../../servers/contract/sha256.ts';
import type { Evidence } from '../evidence/types.ts';
import type { Arguments, ToolSpec } from '../tools.ts';

/** A third identical read adds nothing: the model is stuck. */
const mostRepeats = 2;
/** Live systems change, so a result older than this may be read again. */
const freshMs = 60_000;

/** Detects a model that repeats itself: same call, same result, and no write since. */
export interface Repeats {
  /** The answer instead of the call. undefined: it may run, and counts as in progress until settled. */
  readonly refuse: (callId: string, spec: ToolSpec, input: Arguments) => string | undefined;
  /** A call without evidence had no result and is not counted. */
  readonly settle: (callId: string, evidence: Evidence | undefined) => void;
  /** A write was sent, so what was read before may have changed. */
  readonly forget: () => void;
}

interface Answered {
  /** Digest of the rows, or of the whole result. */
  readonly result: string;
  /** Ids of the identical results, newest last. */
  readonly evidence: readonly string[];
  readonly at: number;
}

export function createRepeats(now: () => Date): Repeats {
  const answers = new Map<string, Answered>();
  /** Call keys by call id. */
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
        ? `This exact call gave the same result ${same.length} times (${same.join(', ')}), and nothing has been written since.`
        : 'This exact call is already running in this turn.';
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

/** A third party's "read" may change on its own: a snapshot, a queue, a page that is loading. */
function isCounted({ risk, trusted }: ToolSpec): boolean {
  return risk === 'read' && trusted;
}
