import type { PolicyRule } from '../policy/policy.ts';
import type { Arguments, ToolOutcome, ToolSpec } from '../tools.ts';

/** A call of the agent as it is recorded: who, what, and why it was let through. */
export interface CallToRecord {
  readonly callId: string;
  readonly tool: ToolSpec;
  readonly arguments: Arguments;
  readonly session: string;
  readonly run: string;
  readonly actor: string;
  readonly idempotencyKey?: string | undefined;
  readonly verdict?: Verdict | undefined;
  /** What untrusted text the run had read by then. */
  readonly taint: readonly string[];
}

/** What was decided of a call, by whom, and the trace of reasons that people were shown. */
export interface Verdict {
  readonly decision: 'allow' | 'ask' | 'deny';
  readonly by: 'grant' | 'policy' | 'person';
  readonly rule: PolicyRule;
  readonly reasons: readonly string[];
  readonly approval?: { readonly id: string; readonly decision: string; readonly sha256: string } | undefined;
}

/** Keeps what the agent does. Synchronous: the intent is kept when `intend` returns. */
export interface RunAudit {
  /** Before the call leaves. A write that is `unrecorded` must not leave. */
  readonly intend: (call: CallToRecord) => Recorded | { readonly kind: 'unrecorded'; readonly message: string };
  /** A call that never left: denied, cancelled, or wrong in itself. */
  readonly refuse: (call: CallToRecord, code: string) => void;
}

export interface Recorded {
  readonly kind: 'recorded';
  readonly finish: (outcome: ToolOutcome, durationMs: number) => void;
}
