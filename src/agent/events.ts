import type { ApprovalRequest } from './approval.ts';
import type { Arguments, Image, ToolFailure } from './tools.ts';

/**
 * Everything that happens in a run, in order. All views (webview, terminal) and sinks (session file, audit,
 * telemetry) read only this. Each event is JSON; a run starts with `run-started` and always ends with `run-finished`.
 */
export type RunEvent =
  | RunStarted
  | { readonly type: 'plan-changed'; readonly steps: readonly PlanStep[] }
  | { readonly type: 'condition-evaluated'; readonly condition: ConditionState }
  | { readonly type: 'text-delta'; readonly text: string }
  | { readonly type: 'thinking-delta'; readonly text: string }
  /** Discard the text and thinking streamed so far in this turn: it starts again. */
  | { readonly type: 'turn-restarted' }
  | {
      readonly type: 'tool-call-proposed';
      readonly callId: string;
      readonly tool: string;
      readonly server: string;
      readonly title: string;
      readonly risk: 'read' | 'write' | 'destructive';
      readonly arguments: Arguments;
    }
  | ({ readonly type: 'approval-requested' } & ApprovalRequest)
  | {
      readonly type: 'approval-resolved';
      readonly callId: string;
      readonly decision: 'allowed' | 'denied';
      readonly by: 'person' | 'grant' | 'policy';
      readonly reason: string;
    }
  /** `arguments` of a write: as sent, with every `{{E1}}` expanded and the person's edits applied. */
  | { readonly type: 'tool-call-started'; readonly callId: string; readonly arguments?: Arguments | undefined }
  | {
      readonly type: 'tool-call-progressed';
      readonly callId: string;
      readonly message: string;
      readonly done?: number | undefined;
      readonly total?: number | undefined;
    }
  | ToolCallFinished
  | { readonly type: 'evidence-added'; readonly callId: string; readonly evidence: EvidenceView }
  | { readonly type: 'usage-changed'; readonly usage: Usage }
  | { readonly type: 'retry-scheduled'; readonly reason: string; readonly attempt: number; readonly delayMs: number }
  | { readonly type: 'context-compacted'; readonly shortenedResults: number; readonly tokensBefore: number }
  | RunFinished;

interface RunStarted {
  readonly type: 'run-started';
  readonly session: string;
  readonly run: string;
  /** UTC, ISO 8601. */
  readonly time: string;
  readonly model: string;
  readonly prompt: string;
  readonly runbook?: {
    readonly name: string;
    readonly parameters: Readonly<Record<string, string | number | boolean>>;
  };
  /** Sent before the model is asked: what earlier runs of this runbook used. */
  readonly forecast?: Forecast;
  /** Resumes the interrupted run before it, with that run's prompt and conditions. */
  readonly resumed?: true;
  /** Takes back this call of an earlier run. */
  readonly undoes?: string;
}

/** Number of earlier runs that the medians cover. */
export interface Forecast {
  /** Input and output together. */
  readonly tokens: number;
  /** US dollars, if the model's price is known. */
  readonly cost?: number;
  readonly runs: number;
}

interface ToolCallFinished {
  readonly type: 'tool-call-finished';
  readonly callId: string;
  readonly outcome: 'ok' | 'failed' | 'denied' | 'cancelled';
  readonly durationMs: number;
  /** One line: "12 rows", "ENG-42 created", the failure's message. */
  readonly summary: string;
  readonly rows?: number | undefined;
  /** For a write: what it created, for links. */
  readonly link?: { readonly label: string; readonly url: string } | undefined;
  /** What undoing it does, if it can be undone from here: "deletes the message". */
  readonly undo?: string | undefined;
  readonly failure?: ToolFailure | undefined;
  /** What the tool returned, for people; none that is too large. */
  readonly images?: readonly Image[];
}

interface RunFinished {
  readonly type: 'run-finished';
  readonly reason: RunEnd;
  /** Why it ended and what to do next, for a person. */
  readonly message: string;
  /** The code of a failure that a tool reported. `not_configured` means that a setting is missing. */
  readonly code?: string | undefined;
  /** A write was needed and neither a person nor a grant allowed it. */
  readonly writeNotGranted: boolean;
}

/** `waiting`: for an approval that nobody has given or denied yet. The run can be resumed. */
export type RunEnd =
  | 'completed'
  | 'inconclusive'
  | 'cancelled'
  | 'denied'
  | 'waiting'
  | 'budget'
  | 'refused'
  | 'failed';

export interface PlanStep {
  readonly text: string;
  readonly status: 'pending' | 'running' | 'done' | 'skipped';
}

/** A runbook's condition after evaluation. */
export interface ConditionState {
  readonly name: string;
  /** As written: `failed_count > threshold`. */
  readonly expression: string;
  /** With values filled in: `12 > 5`. */
  readonly explained: string;
  readonly holds: boolean;
}

/** Evidence as the views show it; the store has all rows. */
export interface EvidenceView {
  readonly id: string;
  readonly tool: string;
  readonly title: string;
  readonly arguments: Arguments;
  readonly time: string;
  readonly rowCount: number;
  readonly truncated: boolean;
  readonly sha256: string;
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  /** The first rows, at most 200. */
  readonly rows: readonly (readonly unknown[])[];
}

/** Totals of the run so far. Input tokens include those read from and written to the prompt cache. */
export interface Usage {
  readonly turns: number;
  readonly toolCalls: number;
  readonly inputTokens: number;
  readonly cacheReadTokens: number;
  readonly outputTokens: number;
  /** US dollars; undefined if the model's price is unknown. */
  readonly cost: number | undefined;
}
