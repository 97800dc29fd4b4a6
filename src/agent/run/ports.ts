import type { Ask } from '../approval.ts';
import type { Budget } from '../budget.ts';
import type { ClearedCalls } from './approved-calls.ts';
import type { RunEvent } from '../events.ts';
import type { EvidenceStore } from '../evidence/store.ts';
import type { Grant } from '../policy/grants.ts';
import type { KnownSources } from '../claims/claims.ts';
import type { HostTool } from '../host-tools.ts';
import type { OccasionWrites } from './sending/occasion-writes.ts';
import type { MeasureHistory } from '../runbook/measure-history.ts';
import type { Message, Model } from '../model/model.ts';
import type { PolicyState } from '../policy/policy-state.ts';
import type { Repeats } from './repeats.ts';
import type { RunAudit } from './run-audit.ts';
import type { AskForServer } from '../server-question.ts';
import type { ToolFailure, ToolSource, ToolSpec } from '../tools.ts';

/** Everything a run needs, passed in. */
export interface RunPorts {
  readonly model: Model;
  readonly tools: ToolSource;
  /** Tools the host answers itself. The run adds the plan tool. */
  readonly hostTools: readonly HostTool[];
  readonly evidence: EvidenceStore;
  /** Created for each run from the session's snapshot. */
  readonly policy: PolicyState;
  /** If absent, nothing is recorded. */
  readonly audit?: RunAudit | undefined;
  /** Results of earlier runbook runs. If absent, nothing is compared. */
  readonly measures?: MeasureHistory | undefined;
  /** If the run may be tried again by another process: what its writes are known by then. */
  readonly occasion?: OccasionWrites | undefined;
  /** Writes allowed in this session. */
  readonly cleared: ClearedCalls;
  /** Pins a third party's changed tool after a person saw the change and allowed it. */
  readonly acceptChange?: ((tool: ToolSpec, signal: AbortSignal) => Promise<void>) | undefined;
  /** Stores a permission that a person gave for always, beyond the session. */
  readonly keepGrant: (grant: Grant) => Promise<void>;
  /** undefined: no one can be asked, and writes without a grant are denied. */
  readonly ask: Ask | undefined;
  /** Asks the user a third-party server's question. If undefined, questions are declined. */
  readonly askForServer?: AskForServer | undefined;
  /** Whether third-party servers may ask the model. */
  readonly allowSampling?: boolean | undefined;
  /** Which writes `ask` is for. If absent, all. */
  readonly isAsked?: ((tool: ToolSpec) => boolean) | undefined;
  /** One write at a time, each when the one before it is done. */
  readonly asksSingly?: boolean;
  readonly budget: Budget;
  /** Whether a text contains one of our secrets, or something that looks like a secret. */
  readonly containsSecret: (text: string) => boolean;
  /** The host that this one could be mistaken for, by its letters or among the known hosts. */
  readonly lookAlike?: ((host: string, known: Iterable<string>) => string | undefined) | undefined;
  readonly now: () => Date;
  /** Unique, unguessable. */
  readonly newId: () => string;
  readonly signal: AbortSignal;
  /**
   * Stores a message durably before the run continues: a resumed session starts from what is
   * stored.
   */
  readonly keep: (message: Message) => Promise<void>;
  /** Durably replaces the whole conversation so far with these messages. */
  readonly keepShorter: (messages: readonly Message[]) => Promise<void>;
  /** Why one of our tools, by plain name, is missing: not configured, failed to start, turned off. */
  readonly explainMissing: (plainName: string) => { readonly code: string; readonly message: string };
  /** Reports our own bugs, with stack traces. */
  readonly report: (error: unknown) => void;
  /** Maximum tokens of conversation before old results are shortened. */
  readonly contextTokens: number;
  readonly maxOutputTokens: number;
}

/** The state of a run between calls. */
export interface RunState {
  readonly session: string;
  readonly run: string;
  readonly actor: string;
  readonly specs: Map<string, ToolSpec>;
  readonly hostTools: ReadonlyMap<string, HostTool>;
  readonly emit: (event: RunEvent) => void;
  /** Text from the person and the runbook. Its figures need no evidence. */
  readonly trustedTexts: KnownSources['texts'];
  /** Text a person wrote for this run: prompt, runbook, parameters. */
  readonly said: readonly string[];
  readonly repeats: Repeats;
  /** Names of writes that were needed but not allowed. Removed when one is allowed later. */
  readonly notGranted: Set<string>;
  /** The last failure of each of our writes, by name. Removed when one succeeds later. */
  readonly failedWrites: Map<string, ToolFailure>;
  /** The evidence that each call became, by call id. */
  readonly evidenceOf: Map<string, string>;
  /** What this run has written, in order: `create_jira_ticket (ENG-57)`. */
  readonly doneWrites: string[];
}
