import { randomUUID } from 'node:crypto';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { verifyAudit, type VerifiedLog } from '../servers/contract/audit-verify.ts';
import { createRedactor } from '../servers/contract/redact.ts';
import { version } from '../servers/contract/version.ts';
import type { Ask } from './agent/approval.ts';
import { addSpent, createBudget, stricter, type BudgetLimits } from './agent/budget.ts';
import { countCleared } from './agent/cleared-calls.ts';
import { createClaudeModel } from './agent/claude-model.ts';
import type { RunEvent, Usage } from './agent/events.ts';
import { holdGrant, type HeldGrant } from './agent/grants.ts';
import { combineSources } from './agent/host-tools.ts';
import type { Model } from './agent/model.ts';
import { priceOf } from './agent/prices.ts';
import { createPolicyState, type PolicyState } from './agent/policy-state.ts';
import type { RunPorts } from './agent/run-ports.ts';
import { limitsOfRunbook, type BoundRunbook } from './agent/runbook.ts';
import { createReadEvidenceTool } from './agent/read-evidence.ts';
import { runAgent } from './agent/run.ts';
import type { Attachment } from './agent/system-prompt.ts';
import type { ToolSource } from './agent/tools.ts';
import { explainMissing } from './mcp/explain-missing.ts';
import { Hub } from './mcp/hub.ts';
import { parseMcpConfig } from './mcp/mcp-config.ts';
import { probeModel, probeServer, type Probe } from './mcp/probe.ts';
import { ownServers, ownServerSpecs } from './mcp/server-specs.ts';
import { goOnWith, type LiveSession } from './sessions/live-session.ts';
import { createHostAudit, type HostAudit } from './sessions/audit-log.ts';
import { createGrantStore, type GrantStore } from './sessions/grant-store.ts';
import { createUsageStore } from './sessions/usage-store.ts';
import { createPinStore } from './sessions/pin-store.ts';
import { createMeasureStore } from './sessions/measure-store.ts';
import { createSessionStore, type SessionStore } from './sessions/session-store.ts';
import type { StoppedRun } from './sessions/session-record.ts';
import { createPlainWorkspace } from './workspace/plain-workspace.ts';
import { createWorkspaceSource } from './workspace/workspace-source.ts';
import type { Workspace } from './workspace/workspace.ts';
import { secretNames, type Settings, type Variables } from './settings.ts';

export interface AssembleOptions {
  /** The configuration by the names of DESIGN section 5: the environment, or settings and secrets made into variables. */
  readonly variables: Variables;
  readonly settings: Pick<Settings, 'model' | 'disabledTools' | Extract<keyof Settings, `budget.${string}`>>;
  /** Where the bundles are. */
  readonly distFolder: string;
  /** All state: sessions, grants, audit, ledger. */
  readonly stateFolder: string;
  /** Third-party servers, in the `.mcp.json` shape; the file's name is for messages. */
  readonly mcpConfig: { readonly file: string; readonly text: string } | undefined;
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
  readonly signal: AbortSignal;
}

export { McpConfigError } from './mcp/mcp-config.ts';
export type { Probe } from './mcp/probe.ts';
export { readAudit, verifyAudit } from '../servers/contract/audit-verify.ts';
export { version };

/** Everything that both entries stand on. */
export interface Switchboard {
  readonly hub: Hub;
  /** What a run talks to. */
  readonly model: Model;
  readonly sessions: SessionStore;
  readonly grants: GrantStore;
  /** Checks every audit log, of the host and of the servers. */
  readonly verifyAudit: () => readonly VerifiedLog[];
  /** Tries the model and every server of ours for real, all at the same time. */
  readonly probeAll: (signal: AbortSignal) => Promise<readonly { readonly title: string; readonly probe: Probe }[]>;
  /** One run. The session is on disk as it goes. */
  readonly start: (request: StartRequest) => AsyncGenerator<RunEvent>;
  /** Resolves when no child process is left and every session is written. */
  readonly dispose: () => Promise<void>;
}

/** Conversation that a model is given at most, before old results are shortened. Every current Claude takes more. */
const contextTokens = 150_000;
const maxOutputTokens = 16_000;
const noKey: Probe = {
  kind: 'failed',
  code: 'not_configured',
  message: 'ANTHROPIC_API_KEY is not set',
  hint: undefined,
};

/**
 * Settings and secrets become agent and hub. Starts nothing yet: servers start when their tools are first needed.
 * @throws McpConfigError naming file and field
 */
export function assemble(options: AssembleOptions): Switchboard {
  const variables: Variables = { ...options.variables, SWITCHBOARD_STATE_DIR: options.stateFolder };
  const { mcpConfig } = options;
  const thirdParty = mcpConfig === undefined ? [] : parseMcpConfig(mcpConfig.text, mcpConfig.file, variables);
  const redact = createRedactor(secretsOf(variables));
  const audit = createHostAudit({ stateFolder: options.stateFolder, redact, report: options.report });
  const hub = new Hub({
    version,
    servers: [...ownServerSpecs(join(options.distFolder, 'servers'), variables), ...thirdParty],
    disabledTools: options.settings.disabledTools,
    redact,
    pins: createPinStore(join(options.stateFolder, 'tool-pins')),
    ...(options.onServerLine !== undefined && { onLine: options.onServerLine }),
  });
  const tools = combineSources([hub, ...workspaceSources(options.workspace)]);
  const sessions = createSessionStore(join(options.stateFolder, 'sessions'));
  const grants = createGrantStore(join(options.stateFolder, 'grants.json'));
  const live = new Map<string, LiveSession>();

  const openSession = async (id: string | undefined): Promise<LiveSession> => {
    const opened = id === undefined ? undefined : live.get(id);
    if (opened !== undefined) return opened;
    const session = goOnWith(id === undefined ? await sessions.create() : await sessions.open(id));
    live.set(session.file.id, session);
    return session;
  };

  return {
    hub,
    model: options.model ?? claude(options),
    sessions,
    grants,
    verifyAudit: () => verifyAudit(options.stateFolder),
    probeAll: async (signal) => {
      const model = await (options.model === undefined && (variables['ANTHROPIC_API_KEY'] ?? '') === ''
        ? noKey
        : probeModel(options.model ?? claude(options), signal));
      const servers = hub.states().filter(({ trusted }) => trusted);
      const probes = ownServers.map(async (id) => ({
        title: servers.find((server) => server.id === id)?.title ?? id,
        probe: await probeServer(hub, id, signal),
      }));
      return [{ title: `Claude (${options.settings.model})`, probe: model }, ...(await Promise.all(probes))];
    },
    async *start(request) {
      const session = await openSession(request.session);
      yield* runIn(session, request, { options, tools, hub, sessions, grants, audit });
    },
    dispose: async () => {
      await hub.dispose();
      await Promise.all([...live.values()].map(({ file }) => file.close()));
      audit.dispose();
    },
  };
}

interface Wiring {
  readonly options: AssembleOptions;
  readonly tools: ToolSource;
  readonly hub: Hub;
  readonly sessions: SessionStore;
  readonly grants: GrantStore;
  readonly audit: HostAudit;
}

async function* runIn(session: LiveSession, request: StartRequest, wiring: Wiring): AsyncGenerator<RunEvent> {
  const { options, grants } = wiring;
  const resumed = request.resume === true ? await stoppedRun(session, wiring.sessions) : undefined;
  const standing = (await grants.grants()).map((grant) => holdGrant(grant, 'person'));
  const policy = createPolicyState({
    grants: [...options.grants, ...standing, ...(await grantsOfRunbook(request, grants))],
    snapshot: session.policy,
    done: resumed === undefined ? undefined : countCleared(resumed.cleared),
  });
  const ports = portsOf(session, request, policy, wiring);
  const usages = createUsageStore(join(options.stateFolder, 'usage'), options.report);
  const name = resumed === undefined ? request.runbook?.runbook.name : undefined;
  const run = runAgent(
    {
      session: session.file.id,
      run: randomUUID(),
      actor: userInfo().username,
      prompt: resumed?.started.prompt ?? request.prompt,
      attachments: request.attachments,
      history: [...session.messages],
      runbook: request.runbook,
      resumed,
      forecast: name === undefined ? undefined : await usages.forecast(name, ports.model.id),
    },
    ports,
  );
  let used: Usage | undefined;
  try {
    for await (const event of run) {
      session.file.addEvent(event);
      if (event.type === 'usage-changed') used = event.usage;
      const whole = event.type === 'run-finished' && event.reason === 'completed';
      if (whole && name !== undefined && used !== undefined) await usages.add(name, ports.model.id, used);
      yield event;
    }
  } finally {
    if (used !== undefined) session.spent = addSpent(session.spent, used);
    session.policy = policy.snapshot();
    await session.file.saveEvidence(session.evidence.snapshot());
    await session.file.savePolicy(session.policy);
  }
}

/** undefined: a run begins anew, also where the last one had not come as far as the model. */
async function stoppedRun({ file }: LiveSession, sessions: SessionStore): Promise<StoppedRun | undefined> {
  await file.flush();
  const { stopped } = await sessions.read(file.id);
  return stopped?.begun === true ? stopped : undefined;
}

async function grantsOfRunbook(
  { runbook, acceptGrants }: StartRequest,
  grants: GrantStore,
): Promise<readonly HeldGrant[]> {
  if (runbook === undefined) return [];
  const accepted = acceptGrants || (await grants.isAccepted(runbook.runbook.name, runbook.acceptance));
  return accepted ? runbook.grants.map((grant) => holdGrant(grant, 'runbook')) : [];
}

function portsOf(session: LiveSession, request: StartRequest, policy: PolicyState, wiring: Wiring): RunPorts {
  const { options, tools, hub, grants, audit } = wiring;
  const runbook = request.runbook?.runbook;
  const model = options.model ?? claude(options, runbook?.model);
  return {
    model,
    tools,
    hostTools: [createReadEvidenceTool(session.evidence)],
    evidence: session.evidence,
    policy,
    audit,
    measures: createMeasureStore(join(options.stateFolder, 'measures')),
    cleared: {
      find: (callId) => session.cleared.get(callId),
      keep: async (call) => {
        session.cleared.set(call.callId, call);
        await session.file.addCleared(call);
      },
    },
    acceptChange: hub.acceptChange,
    keepGrant: grants.addGrant,
    ask: request.ask,
    budget: createBudget(
      stricter(limitsOf(options.settings), runbook === undefined ? {} : limitsOfRunbook(runbook)),
      priceOf(model.id),
      session.spent,
    ),
    now: () => new Date(),
    newId: randomUUID,
    signal: request.signal,
    keep: async (message) => {
      await session.file.saveEvidence(session.evidence.snapshot());
      await session.file.savePolicy(policy.snapshot());
      await session.file.addMessage(message);
      session.messages.push(message);
    },
    explainMissing: (plainName) => explainMissing(hub, plainName),
    report: options.report,
    contextTokens,
    maxOutputTokens,
  };
}

function workspaceSources(workspace: string | Workspace | undefined): readonly ToolSource[] {
  if (workspace === undefined) return [];
  return [createWorkspaceSource(typeof workspace === 'string' ? createPlainWorkspace(workspace) : workspace)];
}

/** @param wanted by a runbook, before the one of the settings. */
function claude({ variables, settings }: AssembleOptions, wanted?: string): Model {
  return createClaudeModel({
    model: wanted ?? settings.model,
    apiKey: variables['ANTHROPIC_API_KEY'] ?? '',
    baseUrl: variables['ANTHROPIC_BASE_URL'],
  });
}

function limitsOf(settings: AssembleOptions['settings']): BudgetLimits {
  return {
    maxTurns: settings['budget.maxTurns'],
    maxToolCalls: settings['budget.maxToolCalls'],
    maxTokens: settings['budget.maxTokens'],
    maxCost: settings['budget.maxCost'],
    maxSessionTokens: settings['budget.maxSessionTokens'],
    maxSessionCost: settings['budget.maxSessionCost'],
    maxRows: settings['budget.maxRows'],
    maxDatabaseSeconds: settings['budget.maxDatabaseSeconds'],
  };
}

function secretsOf(variables: Variables): string[] {
  return Object.keys(secretNames).flatMap((name) => variables[name] ?? []);
}
