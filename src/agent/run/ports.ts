import type { Ask } from '../approval.ts';
import type { Budget } from '../budget.ts';
import type { ClearedCalls } from './approved-calls.ts';
import type { RunEvent } from '../events.ts';
import type { EvidenceStore } from '../evidence/store.ts';
import type { Grant } from '../policy/grants.ts';
import type { HeldSources } from '../claims/claims.ts';
import type { HostTool } from '../host-tools.ts';
import type { MeasureHistory } from '../runbook/measure-history.ts';
import type { Message, Model } from '../model/model.ts';
import type { PolicyState } from '../policy/policy-state.ts';
import type { Repeats } from './repeats.ts';
import type { RunAudit } from './run-audit.ts';
import type { ToolFailure, ToolSource, ToolSpec } from '../tools.ts';

/** Everything a run needs, all of it given. */
export interface RunPorts {
  readonly model: Model;
  readonly tools: ToolSource;
  /** Answered here rather than by a source; the plan is added by the run itself. */
  readonly hostTools: readonly HostTool[];
  readonly evidence: EvidenceStore;
  /** Made anew for each run, from the session's snapshot. */
  readonly policy: PolicyState;
  /** Where there is none, nothing is recorded. */
  readonly audit?: RunAudit | undefined;
  /** Results of earlier runs of runbooks; without them nothing is compared. */
  readonly measures?: MeasureHistory | undefined;
  /** Writes that were let go in this session. */
  readonly cleared: ClearedCalls;
  /** A person saw how a third party's tool has changed and let it be used: what it is now is pinned. */
  readonly acceptChange?: ((tool: ToolSpec, signal: AbortSignal) => Promise<void>) | undefined;
  /** A person allowed this for always: kept beyond the session. */
  readonly keepGrant: (grant: Grant) => Promise<void>;
  /** undefined: nobody can be asked, and a write without a grant is denied. */
  readonly ask: Ask | undefined;
  readonly budget: Budget;
  /** Whether a text holds a secret of ours, or what looks like somebody's. */
  readonly holdsSecret: (text: string) => boolean;
  /** What a host could be taken for, by its letters or among the known; undefined for nothing. */
  readonly lookAlike?: ((host: string, known: Iterable<string>) => string | undefined) | undefined;
  readonly now: () => Date;
  /** Unique, unguessable. */
  readonly newId: () => string;
  readonly signal: AbortSignal;
  /**
   * Keeps a message of the conversation for good before the run goes on: what is kept is where a resumed session
   * starts again.
   */
  readonly keep: (message: Message) => Promise<void>;
  /** Keeps these for good in the place of the whole conversation so far. */
  readonly keepShorter: (messages: readonly Message[]) => Promise<void>;
  /** Why a tool of ours, by its plain name, is not there: not configured, failed to start, turned off. */
  readonly explainMissing: (plainName: string) => { readonly code: string; readonly message: string };
  /** Told of faults that are ours, with their stacks. */
  readonly report: (error: unknown) => void;
  /** Most tokens of conversation before old results are shortened. */
  readonly contextTokens: number;
  readonly maxOutputTokens: number;
}

/** What one run carries from call to call. */
export interface RunState {
  readonly session: string;
  readonly run: string;
  readonly actor: string;
  readonly specs: Map<string, ToolSpec>;
  readonly hostTools: ReadonlyMap<string, HostTool>;
  readonly emit: (event: RunEvent) => void;
  /** What the person and the runbook said: figures in them need no evidence. */
  readonly heldTexts: HeldSources['texts'];
  /** What a person wrote for this run: prompt, runbook, parameters. */
  readonly said: readonly string[];
  readonly repeats: Repeats;
  /** Names of writes that were needed and not allowed; a later allowed one takes its name out. */
  readonly notGranted: Set<string>;
  /** What each write of ours that was tried failed with last, by name; one that succeeds later takes its name out. */
  readonly failedWrites: Map<string, ToolFailure>;
}
