import type { PolicyRule } from '../policy/policy.ts';
import type { Arguments, ToolOutcome, ToolSpec } from '../tools.ts';

/** An agent's call as recorded: who, what, and why it was allowed. */
export interface CallToRecord {
  readonly callId: string;
  readonly tool: ToolSpec;
  readonly arguments: Arguments;
  readonly session: string;
  readonly run: string;
  readonly actor: string;
  readonly idempotencyKey?: string | undefined;
  readonly verdict?: Verdict | undefined;
  /** The untrusted text the run had read by then. */
  readonly taint: readonly string[];
}

/** The decision on a call, who made it, and the reasons shown to people. */
export interface Verdict {
  readonly decision: 'allow' | 'ask' | 'deny';
  readonly by: 'grant' | 'policy' | 'person';
  readonly rule: PolicyRule;
  readonly reasons: readonly string[];
  readonly approval?: GivenApproval | undefined;
}

interface GivenApproval {
  readonly id: string;
  readonly decision: string;
  readonly sha256: string;
  /** Who gave it and from where, if not the person at this desk. */
  readonly by?: string | undefined;
  readonly from?: string | undefined;
}

/** Records what the agent does. Synchronous: the intent is stored when `intend` returns. */
export interface RunAudit {
  /** Before the call leaves. A write that is `unrecorded` must not leave. */
  readonly intend: (call: CallToRecord) => Recorded | { readonly kind: 'unrecorded'; readonly message: string };
  /** Records a call that was never sent: denied, cancelled, or invalid. */
  readonly refuse: (call: CallToRecord, code: string) => void;
}

export interface Recorded {
  readonly kind: 'recorded';
  readonly finish: (outcome: ToolOutcome, durationMs: number) => void;
}
