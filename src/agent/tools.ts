import type { ForServer } from './server-question.ts';

/** A tool as the agent, the policy and the model see it, whatever its source. */
export interface ToolSpec {
  /** Unique in a session and valid for the model (A-Z a-z 0-9 _ -): `postgres__query_database`. */
  readonly name: string;
  /** The server's name for it, which grants use: `query_database`. */
  readonly plainName: string;
  /** Our id for the server, never the name it gives itself: `postgres`. `host` for host tools. */
  readonly server: string;
  readonly title: string;
  readonly description: string;
  readonly inputSchema: JsonSchema;
  readonly risk: 'read' | 'write' | 'destructive';
  /** One of ours. A third party's annotations are only hints: its tools need approval until the user allows them. */
  readonly trusted: boolean;
  /** Supports preview calls. */
  readonly preview: boolean;
  /** Honours an idempotency key, so that an unanswered call can be resent. */
  readonly idempotent: boolean;
  /** For a third party's tool: how its current definition differs from the pinned one, which is in the fields above. */
  readonly change?: ToolChange;
}

/** The name used by people and grants: a plain name for our tools, which no third-party tool can take. */
export function shownName({ trusted, plainName, name }: ToolSpec): string {
  return trusted ? plainName : name;
}

export type ToolChange =
  | {
      /** Added by a server that was already known. */
      readonly kind: 'new';
      /** The server's current definition, which a person's approval accepts. */
      readonly sha256: string;
    }
  | {
      readonly kind: 'changed';
      readonly sha256: string;
      /** In our words: `description`, `arguments`. */
      readonly parts: readonly string[];
      /** Lines of a unified diff, for people. Others wrote them, so the model must not see them. */
      readonly diff: readonly string[];
    };

/** JSON Schema of an object. */
export type JsonSchema = Readonly<Record<string, unknown>>;

export type Arguments = Readonly<Record<string, unknown>>;

/** The call as the model proposed it, before placeholders are expanded. */
export interface ToolCall {
  readonly id: string;
  /** `ToolSpec.name`. */
  readonly name: string;
  readonly arguments: Arguments;
}

/** `{error}` of a failed tool result. `code` comes from servers/contract/errors.ts or from a third party. */
export interface ToolFailure {
  readonly code: string;
  readonly message: string;
  readonly hint?: string | undefined;
  readonly retryable: boolean;
  readonly retryAfterMs?: number | undefined;
  readonly details?: Readonly<Record<string, unknown>> | undefined;
}

/** An image in a format that models accept. */
export interface Image {
  readonly mediaType: 'image/png' | 'image/jpeg' | 'image/gif' | 'image/webp';
  /** Base64. */
  readonly data: string;
}

/** Failure is data: a source never rejects. */
export type ToolOutcome =
  | {
      readonly kind: 'result';
      readonly text: string;
      readonly structured: Readonly<Record<string, unknown>> | undefined;
      /** For models that accept images; `text` mentions them. */
      readonly images?: readonly Image[] | undefined;
    }
  | { readonly kind: 'failure'; readonly text: string; readonly failure: ToolFailure };

export interface CallOptions {
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
  /** Only describe the effect: the outcome's `structured` is `{outcome: 'preview', preview: Preview}`. */
  readonly preview?: boolean;
  readonly idempotencyKey?: string;
  readonly approval?: { readonly id: string; readonly decision: string; readonly sha256: string };
  readonly run: { readonly session: string; readonly run: string; readonly actor: string };
  /** The step of the trace that the call belongs to, as W3C Trace Context. */
  readonly traceparent?: string;
  /** For a third party's tool: whom its server may ask meanwhile. */
  readonly forServer?: ForServer;
}

export interface Progress {
  readonly message: string;
  readonly done?: number | undefined;
  readonly total?: number | undefined;
}

/**
 * Where tools come from: the MCP hub, the workspace, the host itself.
 * Contract: `call` never rejects; `list` has a stable order, so that the model's prompt cache works.
 */
export interface ToolSource {
  readonly list: (signal: AbortSignal) => Promise<readonly ToolSpec[]>;
  /** The tools that can be used right now, without waiting for a server; for a source whose list can change. */
  readonly listNow?: (signal: AbortSignal) => Promise<readonly ToolSpec[]>;
  readonly call: (name: string, input: Arguments, options: CallOptions) => Promise<ToolOutcome>;
}
