import type { ApprovalRequest } from '../agent/approval.ts';
import type { ConditionState, EvidenceView, Forecast, PlanStep, RunEnd, RunEvent, Usage } from '../agent/events.ts';
import type { Arguments, ToolFailure } from '../agent/tools.ts';

/**
 * What the chat panel shows of one session: JSON, bounded, and a pure function of the events so far (`reduce` in
 * reduce.ts). The host owns it; the webview holds a copy that it keeps up to date with the same function.
 */
export interface ChatState {
  /** Empty until the first run has started. */
  readonly session: string;
  /** Sent by the person, not yet taken up by a run. */
  readonly pending: PendingPrompt | undefined;
  /** Oldest first; only the last may be unfinished. */
  readonly runs: readonly RunView[];
  /** Older runs that are no longer held; the session file still has them. */
  readonly droppedRuns: number;
  /** Oldest first. The oldest lose their rows where all together are too large. */
  readonly evidence: readonly EvidenceView[];
}

export interface PendingPrompt {
  readonly text: string;
  /** Labels of the context that went with it: `orders.ts:12-30`. */
  readonly context: readonly string[];
  /** No prompt of its own: the last run is to go on. */
  readonly resumed: boolean;
}

export interface RunView {
  readonly run: string;
  /** UTC, ISO 8601. */
  readonly time: string;
  readonly model: string;
  readonly prompt: string;
  readonly context: readonly string[];
  readonly runbook: string | undefined;
  /** Goes on where the run before it stopped. */
  readonly resumed: boolean;
  /** What earlier runs of the runbook used. */
  readonly forecast: Forecast | undefined;
  /** In the order in which they came. */
  readonly items: readonly RunItem[];
  /** Where in `items` the current turn may begin: what stands before it is final. */
  readonly turnStart: number;
  /** Items left out at the front, because the run became too long to show whole. */
  readonly droppedItems: number;
  readonly plan: readonly PlanStep[];
  readonly conditions: readonly ConditionState[];
  readonly usage: Usage | undefined;
  /** Of the model; while one is waited for. */
  readonly retry: RetryView | undefined;
  readonly end: RunEndView | undefined;
}

export type RunItem =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'thinking'; readonly text: string }
  | { readonly kind: 'compaction'; readonly shortenedResults: number; readonly tokensBefore: number }
  | CallView;

export interface CallView {
  readonly kind: 'call';
  readonly callId: string;
  readonly tool: string;
  readonly server: string;
  readonly title: string;
  readonly risk: 'read' | 'write' | 'destructive';
  readonly arguments: Arguments;
  readonly status: CallStatus;
  /** The card to answer, while `status` is `waiting`; afterwards what was answered about. */
  readonly request: ApprovalRequest | undefined;
  readonly resolution: ApprovalView | undefined;
  readonly progress: ProgressView | undefined;
  readonly durationMs: number | undefined;
  readonly summary: string | undefined;
  readonly rows: number | undefined;
  readonly link: { readonly label: string; readonly url: string } | undefined;
  readonly failure: ToolFailure | undefined;
  /** Ids, in `ChatState.evidence`. */
  readonly evidence: readonly string[];
}

export type CallStatus = 'proposed' | 'waiting' | 'approved' | 'running' | 'ok' | 'failed' | 'denied' | 'cancelled';

export interface ApprovalView {
  readonly decision: 'allowed' | 'denied';
  readonly by: 'person' | 'grant' | 'policy';
  readonly reason: string;
}

export interface ProgressView {
  readonly message: string;
  readonly done: number | undefined;
  readonly total: number | undefined;
}

export interface RetryView {
  readonly reason: string;
  readonly attempt: number;
  readonly delayMs: number;
}

export interface RunEndView {
  readonly reason: RunEnd;
  readonly message: string;
  readonly writeNotGranted: boolean;
  /** Of the failure that ended it: one of servers/contract/errors.ts. */
  readonly code: string | undefined;
}

/** What changes a ChatState: the events of runs, and what the host adds around them. */
export type ChatEvent =
  | RunEvent
  /** The person sent this; shown at once, before the run has started. */
  | {
      readonly type: 'prompt-sent';
      readonly text: string;
      readonly context: readonly string[];
      /** Nothing new: the last run is to go on. */
      readonly resumed?: boolean;
    }
  /** No run came of the prompt; says why and what to do. */
  | { readonly type: 'prompt-rejected'; readonly message: string; readonly code?: string | undefined };

export const emptyChat: ChatState = {
  session: '',
  pending: undefined,
  runs: [],
  droppedRuns: 0,
  evidence: [],
};

export function currentRun(state: ChatState): RunView | undefined {
  const last = state.runs.at(-1);
  return last?.end === undefined ? last : undefined;
}

/** True from the moment the person sends until the run has ended. */
export function isBusy(state: ChatState): boolean {
  return state.pending !== undefined || currentRun(state) !== undefined;
}

/** The cards that wait for a person, oldest first. */
export function waitingApprovals(state: ChatState): readonly ApprovalRequest[] {
  const items = currentRun(state)?.items ?? [];
  return items.flatMap((item) =>
    item.kind === 'call' && item.status === 'waiting' && item.request !== undefined ? [item.request] : [],
  );
}

/** Tokens and dollars of all runs held. `cost` is undefined as soon as one run's is not known. */
export function totalUsage(state: ChatState): { readonly tokens: number; readonly cost: number | undefined } {
  let tokens = 0;
  let cost: number | undefined = 0;
  for (const { usage } of state.runs) {
    if (usage === undefined) continue;
    tokens += usage.inputTokens + usage.outputTokens;
    cost = cost === undefined || usage.cost === undefined ? undefined : cost + usage.cost;
  }
  return { tokens, cost };
}
