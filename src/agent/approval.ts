import type { Arguments, ToolSpec } from './tools.ts';
import type { Preview } from '../../servers/contract/preview.ts';

/** A figure, time or id in an outgoing text. Each is listed once. */
export interface OutgoingClaim {
  /** As written. */
  readonly text: string;
  /** What supports it: `E1[0].failed_count`, `the prompt`. Absent if nothing does. */
  readonly supportedBy?: string | undefined;
  /** Id of the supporting evidence, if it is evidence. */
  readonly evidence?: string | undefined;
  /** If nothing supports it: what a result says instead. */
  readonly suggestion?: SuggestedFigure | undefined;
}

export interface SuggestedFigure {
  readonly text: string;
  /** `E1[0].failed_count` */
  readonly source: string;
  readonly evidence: string;
  /** The arguments in which the figure stands, without the destination. */
  readonly arguments: readonly string[];
}

/** The question a person answers before a write: everything the approval card shows. */
export interface ApprovalRequest {
  readonly id: string;
  readonly callId: string;
  readonly tool: ToolSpec;
  /** After `{{E1}}` expansion: exactly what would be called. */
  readonly arguments: Arguments;
  /** Arguments whose text refers to evidence, as written: `{{E4}}`. A person edits these instead of what they became. */
  readonly draft?: Arguments | undefined;
  /** Absent for tools without a preview: the card is then a form made from the tool's schema. */
  readonly preview: Preview | undefined;
  /** What may be wrong with the content: an unverified number, personal data, a cut summary. */
  readonly warnings: readonly string[];
  /** The figures, times and ids in the outgoing text, with what supports each. */
  readonly claims?: readonly OutgoingClaim[] | undefined;
  /** Why the policy asks instead of allowing, one sentence each. */
  readonly reasons: readonly string[];
  /** What undoing it does: "deletes the message". Absent if it cannot be undone from here. */
  readonly undo?: string | undefined;
  /** Its place among the writes that the model asked for in one turn, from 1. Absent for the only one. */
  readonly batch?: { readonly id: string; readonly index: number; readonly count: number } | undefined;
  /** Why it failed, if others of its batch still wait: approving tries it again, denying goes on without it. */
  readonly failed?: string | undefined;
  /** The scopes a person may choose besides "once". */
  readonly scopes: readonly ('run' | 'always')[];
  /** sha256 (hex) over destination, arguments and preview bytes: the approval binds to it. */
  readonly sha256: string;
}

/** Who answered, if not the person at this desk. */
export interface Answerer {
  /** `Jane Doe (U0JANE001)` */
  readonly who: string;
  /** `Slack` */
  readonly from: string;
  /** Id of the question that was answered, if it was asked by an earlier process. */
  readonly request?: string;
}

export type ApprovalDecision =
  | { readonly kind: 'approve'; readonly scope: 'once' | 'run' | 'always'; readonly by?: Answerer }
  /** The person edited fields. The call is previewed and asked again, so that only what was seen is approved. */
  | { readonly kind: 'revise'; readonly arguments: Arguments }
  | { readonly kind: 'deny'; readonly reason: string | undefined; readonly by?: Answerer }
  /** Nobody has answered yet. The run ends, and asks again when it is resumed. `waiting` says for whom and how long. */
  | { readonly kind: 'unanswered'; readonly waiting: string };

/** What is known about arguments that a person is still editing. Nothing is previewed or decided. */
export interface EditCheck {
  readonly claims: readonly OutgoingClaim[];
  /** Why a reference to evidence is invalid. */
  readonly problem: string | undefined;
}

export type CheckEdit = (revised: Arguments) => EditCheck;

/** Asks a person. Rejects only when `signal` aborts. Headless runs without a terminal have none. */
export type Ask = (request: ApprovalRequest, signal: AbortSignal, check: CheckEdit) => Promise<ApprovalDecision>;
