import type { VerifiedLog } from '../servers/contract/audit/verify.ts';
import type { SystemId } from '../servers/contract/systems.ts';
import type { Ask } from './agent/approval.ts';
import type { ClearedCall } from './agent/run/approved-calls.ts';
import type { RequestedCall } from './agent/undo.ts';
import type { RunEvent } from './agent/events.ts';
import type { Evidence } from './agent/evidence/types.ts';
import type { Model } from './agent/model/model.ts';
import type { OriginatedGrant } from './agent/policy/grants.ts';
import type { Occasion } from './agent/run/sending/occasion-writes.ts';
import type { Attachment } from './agent/run/system-prompt.ts';
import type { Image, ToolSpec } from './agent/tools.ts';
import type { BoundRunbook } from './agent/runbook/runbook.ts';
import type { AskForServer } from './agent/server-question.ts';
import type { CredentialStore } from './mcp/auth/credential-store.ts';
import type { SignedIn } from './mcp/auth/sign-in.ts';
import type { ConfigFile } from './mcp/config/config-file.ts';
import type { McpConfig } from './mcp/config/mcp-config.ts';
import type { Hub } from './mcp/hub.ts';
import type { Probe } from './mcp/probe.ts';
import type { RemoteSpec } from './mcp/server-specs.ts';
import type { GrantStore } from './sessions/grant-store.ts';
import type { HistoryStore } from './sessions/history/history-store.ts';
import type { SessionStore } from './sessions/session-store.ts';
import type { Settings, Variables } from './settings.ts';
import type { Workspace } from './workspace/workspace.ts';

export interface AssembleOptions {
  /** The configuration as environment variables: the real environment, or settings and secrets turned into variables. */
  readonly variables: Variables;
  readonly settings: Pick<
    Settings,
    | 'model'
    | 'effort'
    | 'anthropic.maxWaitSeconds'
    | 'disabledTools'
    | Extract<keyof Settings, `budget.${string}` | `mcp.${string}`>
  >;
  /** The folder of the bundles. */
  readonly distFolder: string;
  /** All state: sessions, grants, audit, ledger. */
  readonly stateFolder: string;
  /** Third-party servers, from a file in the format of other hosts. */
  readonly mcpConfig: ConfigFile | undefined;
  /** Stores sign-ins to remote servers. By default, files in the state folder. */
  readonly credentials?: CredentialStore | undefined;
  /** Where sessions are kept. By default, in files in the state folder. */
  readonly sessions?: SessionStore | undefined;
  /** From settings or a policy file. */
  readonly grants: readonly OriginatedGrant[];
  /** A folder, or the editor's view of the open folders. */
  readonly workspace: string | Workspace | undefined;
  /** Instead of Claude over the Anthropic API. */
  readonly model?: Model | undefined;
  /** Receives each redacted line of a server's stderr. */
  readonly onServerLine?: (server: string, line: string) => void;
  /** Receives internal errors. */
  readonly report: (error: unknown) => void;
}

/** Asks people who are not where the run is. */
export type AwayDesk = (run: { readonly session: string; readonly run: string; readonly title: string }) => AwayRun;

export interface AwayRun {
  readonly ask: Ask;
  /** Whether the policy names somebody to ask about this tool. */
  readonly isAsked: (tool: ToolSpec) => boolean;
  /** What was approved since the session's run ended or was interrupted: exactly these calls may be sent. */
  readonly approved: () => Promise<readonly ClearedCall[]>;
}

export interface StartRequest {
  /** Continues this session. By default, a new one. */
  readonly session?: string | undefined;
  readonly prompt: string;
  /** Resumes the session's last run if it did not finish, with that run's prompt and attachments. */
  readonly resume?: boolean;
  readonly attachments: readonly Attachment[];
  /** A person asked for these calls. The model is not asked, and nothing is allowed without an approval. */
  readonly calls?: readonly RequestedCall[] | undefined;
  /** The earlier call that `calls` take back. */
  readonly undoes?: string | undefined;
  readonly runbook: BoundRunbook | undefined;
  /** What the run is for, if another process may try it again: its writes are then made once for all attempts. */
  readonly occasion?: Occasion | undefined;
  /** The runbook's own grants count for this run. Otherwise they count only if the user has accepted this exact text. */
  readonly acceptGrants: boolean;
  /** No grant counts: every write asks. */
  readonly withoutGrants?: boolean;
  /** What started the run, as W3C Trace Context: its trace contains the run. */
  readonly traceparent?: string | undefined;
  readonly ask: Ask | undefined;
  /** Asks people elsewhere, if `ask` is undefined. */
  readonly away?: AwayDesk | undefined;
  /** Answers questions that third parties' servers ask. If undefined, they are declined. */
  readonly askForServer?: AskForServer | undefined;
  readonly signal: AbortSignal;
}

/** The model or one of our servers, and whether it responds. */
export interface Tried {
  readonly id: 'claude' | SystemId;
  readonly title: string;
  /** Whether the settings configure it. */
  readonly given: boolean;
  /** Where it runs and who we are there, if not on this machine. */
  readonly detail: string | undefined;
  readonly probe: Probe;
}

/** The starting point of the editor and the command line, created by src/assemble.ts. */
export interface Switchboard {
  readonly hub: Hub;
  /** The file's third-party servers, skipped entries, and notes on entries read differently than written. */
  readonly further: McpConfig;
  /** Every server that runs elsewhere: our own and third-party ones. */
  readonly remotes: readonly RemoteSpec[];
  /** Signs the user in to a remote server. Never rejects. */
  readonly signIn: (
    spec: RemoteSpec,
    openBrowser: (url: URL) => Promise<void>,
    signal: AbortSignal,
  ) => Promise<SignedIn>;
  /** The model that runs use. */
  readonly model: Model;
  readonly sessions: SessionStore;
  /** The sessions as a list for people. */
  readonly history: HistoryStore;
  readonly grants: GrantStore;
  /** A result with all its rows, even of a run in progress. @throws SessionError when the session does not exist. */
  readonly evidence: (session: string, id: string) => Promise<Evidence | undefined>;
  /** Looks at what a person gives a prompt. */
  readonly inspect: {
    /** Masks what is, or looks like, a secret. */
    readonly redact: (text: string) => string;
    /** Undefined for what is no image that models accept. @param data in base64 */
    readonly readImage: (data: string) => Image | undefined;
  };
  /** Checks every audit log, of the host and of the servers. */
  readonly verifyAudit: () => readonly VerifiedLog[];
  /** Tests the model and all our servers with real calls, in parallel. */
  readonly probeAll: (signal: AbortSignal) => Promise<readonly Tried[]>;
  /** Starts one run. The session is written to disk as it happens. */
  readonly start: (request: StartRequest) => AsyncGenerator<RunEvent>;
  /** Writes what is pending of a session and forgets it, so that another process may continue it. */
  readonly release: (session: string) => Promise<void>;
  /** Resolves when no child process is left and all sessions are written. */
  readonly dispose: () => Promise<void>;
}

export type Assemble = (options: AssembleOptions) => Switchboard;
