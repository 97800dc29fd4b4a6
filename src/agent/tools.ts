/** A tool as the agent, the policy and the model see it, wherever it lives. */
export interface ToolSpec {
  /** Unique in a session and legal for the model (A-Z a-z 0-9 _ -): `postgres__query_database`. */
  readonly name: string;
  /** The server's own name for it, which grants use: `query_database`. */
  readonly plainName: string;
  /** Our id of the server, never the server's word for itself: `postgres`. `host` for tools of the host. */
  readonly server: string;
  readonly title: string;
  readonly description: string;
  readonly inputSchema: JsonSchema;
  readonly risk: 'read' | 'write' | 'destructive';
  /** Ours. A third party's annotations are hints: its tools ask until the user says otherwise. */
  readonly trusted: boolean;
  /** Answers a preview call. */
  readonly preview: boolean;
  /** Honours an idempotency key, so that an unanswered call may be sent again. */
  readonly idempotent: boolean;
  /** Of a third party's tool: how what its server says of it now differs from what is pinned, which stands above. */
  readonly change?: ToolChange;
}

/** The name by which people and grants know it: the plain name of ours, which no third party's tool can take. */
export function shownName({ trusted, plainName, name }: ToolSpec): string {
  return trusted ? plainName : name;
}

export type ToolChange =
  | {
      /** Its server was known already and did not offer it. */
      readonly kind: 'new';
      /** Of what the server says now; what a person's approval takes over. */
      readonly sha256: string;
    }
  | {
      readonly kind: 'changed';
      readonly sha256: string;
      /** In our words: `description`, `arguments`. */
      readonly parts: readonly string[];
      /** Lines for a person, as a unified diff. Others wrote them: they are not for the model. */
      readonly diff: readonly string[];
    };

/** JSON Schema of an object. */
export type JsonSchema = Readonly<Record<string, unknown>>;

export type Arguments = Readonly<Record<string, unknown>>;

/** What the model proposed, before placeholders are expanded. */
export interface ToolCall {
  readonly id: string;
  /** `ToolSpec.name`. */
  readonly name: string;
  readonly arguments: Arguments;
}

/** `{error}` of a failed tool result; `code` is one of servers/contract/errors.ts, or a third party's own. */
export interface ToolFailure {
  readonly code: string;
  readonly message: string;
  readonly hint?: string | undefined;
  readonly retryable: boolean;
  readonly retryAfterMs?: number | undefined;
  readonly details?: Readonly<Record<string, unknown>> | undefined;
}

/** A picture of a kind that models take. */
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
      /** For a model that can see; `text` says that they are there. */
      readonly images?: readonly Image[] | undefined;
    }
  | { readonly kind: 'failure'; readonly text: string; readonly failure: ToolFailure };

/** What a write would do; servers/contract/preview.ts is its schema. */
export interface Preview {
  readonly title: string;
  readonly destination: { readonly id: string; readonly name: string; readonly audience?: string | undefined };
  readonly body: string;
  readonly raw: string;
  readonly fields: readonly {
    readonly label: string;
    readonly value: string;
    readonly argument?: string | undefined;
  }[];
  readonly warnings: readonly string[];
  readonly duplicates: readonly {
    readonly id: string;
    readonly title: string;
    readonly url?: string | undefined;
    readonly reason: string;
  }[];
  readonly linkHosts: readonly string[];
  readonly mentions: readonly string[];
  /** Personal data in the outgoing text, by kind and masked: `an email address (j…@example.com)`. */
  readonly personalData?: readonly string[] | undefined;
}

export interface CallOptions {
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
  /** Describe, do nothing: the outcome's `structured` is `{outcome: 'preview', preview: Preview}`. */
  readonly preview?: boolean;
  readonly idempotencyKey?: string;
  readonly approval?: { readonly id: string; readonly decision: string; readonly sha256: string };
  readonly run: { readonly session: string; readonly run: string; readonly actor: string };
}

export interface Progress {
  readonly message: string;
  readonly done?: number | undefined;
  readonly total?: number | undefined;
}

/**
 * Where tools come from: the MCP hub, the workspace, the host itself.
 * Contract: `call` never rejects; `list` is stable in order, so that the model's prompt cache holds.
 */
export interface ToolSource {
  readonly list: (signal: AbortSignal) => Promise<readonly ToolSpec[]>;
  /** The tools that can be used right now, without waiting for a server; for a source whose list can change. */
  readonly listNow?: (signal: AbortSignal) => Promise<readonly ToolSpec[]>;
  readonly call: (name: string, input: Arguments, options: CallOptions) => Promise<ToolOutcome>;
}
