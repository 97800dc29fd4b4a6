import type { Arguments, Preview, ToolSpec } from './tools.ts';

/** A figure, time or id of something that is to go out, each once. */
export interface OutgoingClaim {
  /** As written. */
  readonly text: string;
  /** What holds it: `E1[0].failed_count`, `the prompt`; absent where nothing does. */
  readonly heldBy?: string | undefined;
  /** Id of the evidence among that. */
  readonly evidence?: string | undefined;
}

/** What a person is asked before a write. Everything a card needs to draw itself. */
export interface ApprovalRequest {
  readonly id: string;
  readonly callId: string;
  readonly tool: ToolSpec;
  /** After `{{E1}}` expansion: exactly what would be called. */
  readonly arguments: Arguments;
  /** Absent for tools without one: the card is then a form made from the tool's schema. */
  readonly preview: Preview | undefined;
  /** What may be wrong with the content: an unverified number, personal data, a cut summary. */
  readonly warnings: readonly string[];
  /** The figures, times and ids of the outgoing text, with what holds each. */
  readonly claims?: readonly OutgoingClaim[] | undefined;
  /** Why the policy asks instead of allowing: one sentence each. */
  readonly reasons: readonly string[];
  /** The scopes that the person may choose besides "once". */
  readonly scopes: readonly ('run' | 'always')[];
  /** sha256 (hex) over destination, arguments and preview bytes: the approval binds to it. */
  readonly sha256: string;
}

export type ApprovalDecision =
  | { readonly kind: 'approve'; readonly scope: 'once' | 'run' | 'always' }
  /** The person edited fields: previewed again and asked again, so that what is approved is what was seen. */
  | { readonly kind: 'revise'; readonly arguments: Arguments }
  | { readonly kind: 'deny'; readonly reason: string | undefined };

/** The human, as an argument. Rejects only when `signal` aborts. Headless without a terminal there is none. */
export type Ask = (request: ApprovalRequest, signal: AbortSignal) => Promise<ApprovalDecision>;
