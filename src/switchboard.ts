import type { VerifiedLog } from '../servers/contract/audit/verify.ts';
import type { SystemId } from '../servers/contract/systems.ts';
import type { Ask } from './agent/approval.ts';
import type { RunEvent } from './agent/events.ts';
import type { Evidence } from './agent/evidence/types.ts';
import type { Model } from './agent/model/model.ts';
import type { HeldGrant } from './agent/policy/grants.ts';
import type { Attachment } from './agent/run/system-prompt.ts';
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
import type { SessionStore } from './sessions/session-store.ts';
import type { Settings, Variables } from './settings.ts';
import type { Workspace } from './workspace/workspace.ts';

export interface AssembleOptions {
  /** The configuration by the names of DESIGN section 5: the environment, or settings and secrets made into variables. */
  readonly variables: Variables;
  readonly settings: Pick<
    Settings,
    | 'model'
    | 'anthropic.maxWaitSeconds'
    | 'disabledTools'
    | Extract<keyof Settings, `budget.${string}` | `mcp.${string}`>
  >;
  /** Where the bundles are. */
  readonly distFolder: string;
  /** All state: sessions, grants, audit, ledger. */
  readonly stateFolder: string;
  /** Third-party servers, from a file as other hosts write it. */
  readonly mcpConfig: ConfigFile | undefined;
  /** Where sign-ins to servers on the network are kept; files in the state folder unless given. */
  readonly credentials?: CredentialStore | undefined;
  /** From settings or a policy file. */
  readonly grants: readonly HeldGrant[];
  /** A folder, or the editor's own view of the open ones. */
  readonly workspace: string | Workspace | undefined;
  /** Instead of Claude over the Anthropic API. */
  readonly model?: Model | undefined;
  /** A line that a server wrote to stderr, redacted. */
  readonly onServerLine?: (server: string, line: string) => void;
  /** Faults that are ours. */
  readonly report: (error: unknown) => void;
}

export interface StartRequest {
  /** Goes on with this session; a new one unless given. */
  readonly session?: string | undefined;
  readonly prompt: string;
  /** Goes on where the session's last run stopped, if it did before it was done; prompt and attachments are those of that run. */
  readonly resume?: boolean;
  readonly attachments: readonly Attachment[];
  readonly runbook: BoundRunbook | undefined;
  /** What the runbook itself declares counts for this run; otherwise only if a person has accepted exactly this runbook. */
  readonly acceptGrants: boolean;
  readonly ask: Ask | undefined;
  /** Answers questions that third parties' servers ask. If undefined, they are declined. */
  readonly askForServer?: AskForServer | undefined;
  readonly signal: AbortSignal;
}

/** The model or a server of ours, and whether it answers. */
export interface Tried {
  readonly id: 'claude' | SystemId;
  readonly title: string;
  /** Anything in the settings points at it. */
  readonly given: boolean;
  readonly probe: Probe;
}

/** What editor and command line start from; src/assemble.ts makes it. */
export interface Switchboard {
  readonly hub: Hub;
  /** Third-party servers of the file, those that are left out, and what was read differently than written. */
  readonly further: McpConfig;
  /** A person signs in to a server on the network. Never rejects. */
  readonly signIn: (
    spec: RemoteSpec,
    openBrowser: (url: URL) => Promise<void>,
    signal: AbortSignal,
  ) => Promise<SignedIn>;
  /** What a run talks to. */
  readonly model: Model;
  readonly sessions: SessionStore;
  readonly grants: GrantStore;
  /** A result with all its rows, also of a run under way. @throws SessionError when there is no such session. */
  readonly evidence: (session: string, id: string) => Promise<Evidence | undefined>;
  /** Checks every audit log, of the host and of the servers. */
  readonly verifyAudit: () => readonly VerifiedLog[];
  /** Tries the model and every server of ours for real, all at the same time. */
  readonly probeAll: (signal: AbortSignal) => Promise<readonly Tried[]>;
  /** One run. The session is on disk as it goes. */
  readonly start: (request: StartRequest) => AsyncGenerator<RunEvent>;
  /** Resolves when no child process is left and every session is written. */
  readonly dispose: () => Promise<void>;
}

export type Assemble = (options: AssembleOptions) => Switchboard;
