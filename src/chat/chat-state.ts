import type { ApprovalRequest } from '../agent/approval.ts';
import type { ConditionState, EvidenceView, Forecast, PlanStep, RunEnd, RunEvent, Usage } from '../agent/events.ts';
import type { FormField, FormQuestion, UrlQuestion } from '../agent/server-question.ts';
import type { Arguments, Image, ToolFailure } from '../agent/tools.ts';

/**
 * What the chat panel shows for one session: bounded JSON that is a pure function of the events so far (`reduce` in
 * reduce.ts). The host owns it. The webview keeps a copy up to date with the same function.
 */
export interface ChatState {
  /** Empty until the first run has started. */
  readonly session: string;
  /** Sent by the user, but no run has started for it yet. */
  readonly pending: PendingPrompt | undefined;
  /** Oldest first. Only the last can be unfinished. */
  readonly runs: readonly RunView[];
  /** Number of older runs that were dropped. The session file still has them. */
  readonly droppedRuns: number;
  /** Oldest first. The oldest lose their rows if the total is too large. */
  readonly evidence: readonly EvidenceView[];
  /** What third-party servers ask the user, oldest first. Never recorded: a question ends with its run. */
  readonly questions: readonly QuestionView[];
}

export type QuestionView = (FormView | UrlQuestion) & {
  readonly id: string;
  /** Why the last answer was not sent. */
  readonly problem: string | undefined;
};

export interface FormView extends Omit<FormQuestion, 'fields'> {
  readonly fields: readonly QuestionField[];
}

export interface QuestionField extends FormField {
  /** What is expected, in a few words. Empty if anything is. */
  readonly hint: string;
}

export interface PendingPrompt {
  readonly text: string;
  /** Labels of the attached context: `orders.ts:12-30`. */
  readonly context: readonly string[];
  /** Resumes the last run instead of starting from a new prompt. */
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
  /** Continues where the previous run stopped. */
  readonly resumed: boolean;
  /** The call of an earlier run that this one takes back. */
  readonly undoes: string | undefined;
  /** What earlier runs of the runbook used. */
  readonly forecast: Forecast | undefined;
  /** In order of arrival. */
  readonly items: readonly RunItem[];
  /** Index in `items` from which the current turn may start. Everything before it is final. */
  readonly turnStart: number;
  /** Number of items dropped from the start because the run became too long. */
  readonly droppedItems: number;
  readonly plan: readonly PlanStep[];
  readonly conditions: readonly ConditionState[];
  readonly usage: Usage | undefined;
  /** Set while waiting to retry a model request. */
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
  /** The card to answer while `status` is `waiting`. Afterwards, the card that was answered. */
  readonly request: ApprovalRequest | undefined;
  readonly resolution: ApprovalView | undefined;
  readonly progress: ProgressView | undefined;
  readonly durationMs: number | undefined;
  readonly summary: string | undefined;
  readonly rows: number | undefined;
  readonly link: { readonly label: string; readonly url: string } | undefined;
  /** What undoing it does, if it can be undone. */
  readonly undo: string | undefined;
  /** A later run took it back. */
  readonly undone: boolean;
  readonly failure: ToolFailure | undefined;
  /** Ids of entries in `ChatState.evidence`. */
  readonly evidence: readonly string[];
  /** What the call returned. The oldest calls lose theirs if the total is too large. */
  readonly images: readonly Image[];
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
  /** Code of the failure that ended the run, from servers/contract/errors.ts. */
  readonly code: string | undefined;
}

/** What changes a ChatState: run events and the events that the host adds around them. */
export type ChatEvent =
  | RunEvent
  /** The user sent this. Shown right away, before the run has started. */
  | {
      readonly type: 'prompt-sent';
      readonly text: string;
      readonly context: readonly string[];
      /** Resumes the last run instead of starting from a new prompt. */
      readonly resumed?: boolean;
    }
  /** The prompt did not start a run. The message says why and what to do. */
  | { readonly type: 'prompt-rejected'; readonly message: string; readonly code?: string | undefined }
  /** A third-party server asks the user, or the answer to an earlier question was refused. */
  | { readonly type: 'server-asked'; readonly question: QuestionView }
  /** The question is answered, or no longer asked. */
  | { readonly type: 'server-answered'; readonly id: string };

export const emptyChat: ChatState = {
  session: '',
  pending: undefined,
  runs: [],
  droppedRuns: 0,
  evidence: [],
  questions: [],
};

export function currentRun(state: ChatState): RunView | undefined {
  const last = state.runs.at(-1);
  return last?.end === undefined ? last : undefined;
}

/** True from the moment the user sends a prompt until the run has ended. */
export function isBusy(state: ChatState): boolean {
  return state.pending !== undefined || currentRun(state) !== undefined;
}

/** Cards that are waiting for the user, oldest first. */
export function waitingApprovals(state: ChatState): readonly ApprovalRequest[] {
  const items = currentRun(state)?.items ?? [];
  return items.flatMap((item) =>
    item.kind === 'call' && item.status === 'waiting' && item.request !== undefined ? [item.request] : [],
  );
}

/** Ids of all cards that are waiting for the user. */
export function waitingCards(state: ChatState): readonly string[] {
  return [...waitingApprovals(state), ...state.questions].map(({ id }) => id);
}

/** Tokens and dollars of all runs in the state. `cost` is undefined if the cost of any run is unknown. */
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
