import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { verifyAudit } from '../servers/contract/audit/verify.ts';
import { createOutbound } from '../servers/contract/network/outbound.ts';
import { proxySecrets } from '../servers/contract/network/proxy-choice.ts';
import { createRedactor } from '../servers/contract/redact.ts';
import { remoteVariables, systemOf, type SystemId } from '../servers/contract/systems.ts';
import { openTracing } from '../servers/contract/telemetry/open-tracing.ts';
import { tracingSecrets } from '../servers/contract/telemetry/settings.ts';
import type { Tracing } from '../servers/contract/telemetry/tracing.ts';
import { version } from '../servers/contract/version.ts';
import type { BudgetLimits } from './agent/budget.ts';
import { combineSources } from './agent/host-tools.ts';
import { describeConfinement } from './mcp/child/confinement.ts';
import { claudeOf, claudeSecrets, hasClaude } from './claude-source.ts';
import { describePlace, Hub, type HubOptions, type ServerView } from './mcp/hub.ts';
import { createAuthFor } from './mcp/auth/auth-for.ts';
import { createFileCredentials, type CredentialStore } from './mcp/auth/credential-store.ts';
import { signIn } from './mcp/auth/sign-in.ts';
import { readConfigFile } from './mcp/config/config-file.ts';
import type { McpConfig } from './mcp/config/mcp-config.ts';
import { createChildRegister, endOrphans } from './mcp/orphans.ts';
import { readImage } from './mcp/read-image.ts';
import { probeModel, probeServer, type Probe } from './mcp/probe.ts';
import { placedServerSpecs } from './mcp/remote/own-servers.ts';
import { isGiven, ownServers, type ServerLimits } from './mcp/server-specs.ts';
import { runIn, type RunWiring } from './session-run.ts';
import { createHostAudit } from './sessions/audit-log.ts';
import { createGrantStore } from './sessions/grant-store.ts';
import { createPinStore } from './sessions/pin-store.ts';
import { openSessions } from './sessions/open-sessions.ts';
import { createPlainWorkspace } from './workspace/plain-workspace.ts';
import { createWorkspaceSource } from './workspace/workspace-source.ts';
import type { Workspace } from './workspace/workspace.ts';
import { secretNames, type Variables } from './settings.ts';
import type { AssembleOptions, Switchboard, Tried } from './switchboard.ts';

export { createOutbound } from '../servers/contract/network/outbound.ts';
export { hasClaude } from './claude-source.ts';
export { readAudit, verifyAudit } from '../servers/contract/audit/verify.ts';
export { auditHeads } from './sessions/audit-heads.ts';
export { version };

const noKey: Probe = {
  kind: 'failed',
  code: 'not_configured',
  message: 'ANTHROPIC_API_KEY is not set',
  hint: undefined,
};

/**
 * Builds agent and hub from settings and secrets. Starts nothing: servers start when their tools are first needed.
 * @throws McpConfigError that names file and field
 */
export function assemble(options: AssembleOptions): Switchboard {
  const variables: Variables = { ...options.variables, SWITCHBOARD_STATE_DIR: options.stateFolder };
  const workspace = workspaceOf(options.workspace);
  const { further, specs } = serversOf(options, variables, workspace?.folders()[0]?.path);
  const credentials = options.credentials ?? createFileCredentials(join(options.stateFolder, 'credentials'));
  const outbound = createOutbound(variables);
  const redact = createRedactor(secretsOf(variables));
  const audit = createHostAudit({ stateFolder: options.stateFolder, redact, report: options.report });
  const hub = createHub(options, {
    servers: specs,
    redact,
    roots: () => rootsOf(workspace),
    authFor: createAuthFor(credentials),
    fetch: outbound.fetch,
  });
  const { use, close, ...kept } = openSessions(options.stateFolder, options.sessions);
  const grants = createGrantStore(join(options.stateFolder, 'grants.json'));
  const traces = createTraces(variables, options.report);
  const leftovers = lazily(() => endOrphans(join(options.stateFolder, 'children')).catch(options.report));
  const wiring: RunWiring = {
    tools: combineSources([hub, ...(workspace === undefined ? [] : [createWorkspaceSource(workspace)])]),
    hub,
    sessions: kept.sessions,
    grants,
    audit,
    given: options.grants,
    limits: limitsOf(options.settings),
    modelPrice: (id) => (id === options.settings.model ? options.settings['budget.modelPrice'] : ''),
    redact,
    stateFolder: options.stateFolder,
    allowSampling: options.settings['mcp.allowSampling'],
    model: (wanted) => options.model ?? claudeOf(variables, options.settings, outbound.fetch, wanted),
    tracing: traces.open,
    report: options.report,
  };

  return {
    hub,
    further,
    remotes: specs.filter((spec) => spec.kind === 'remote'),
    signIn: signInWith(credentials, outbound.fetch),
    model: wiring.model(undefined),
    ...kept,
    grants,
    inspect: { redact, readImage },
    verifyAudit: () => verifyAudit(options.stateFolder),
    probeAll: (signal) => probeEverything(hub, options, signal),
    async *start(request) {
      await leftovers();
      yield* use(request.session, (session) => runIn(session, request, wiring));
    },
    dispose: async () => {
      await hub.dispose();
      await close();
      audit.dispose();
      await traces.close();
    },
  };
}

function rootsOf(workspace: Workspace | undefined) {
  return (workspace?.folders() ?? []).map(({ name, path }) => ({ name, uri: pathToFileURL(path).href }));
}

function lazily<Result>(run: () => Promise<Result>): () => Promise<Result> {
  let running: Promise<Result> | undefined;
  return () => (running ??= run());
}

/** Opened with the first run. */
function createTraces(variables: Variables, report: (error: unknown) => void) {
  let opened: Promise<Tracing> | undefined;
  return {
    open: () => (opened ??= openTracing({ service: 'switchboard', version, variables, report })),
    close: async () => (await opened)?.close(),
  };
}

function signInWith(store: CredentialStore, send: typeof fetch): Switchboard['signIn'] {
  return (spec, openBrowser, signal) => signIn(spec, { store, version, openBrowser, signal, fetch: send });
}

/** @throws McpConfigError */
function serversOf({ mcpConfig, distFolder }: AssembleOptions, variables: Variables, folder: string | undefined) {
  const none: McpConfig = { servers: [], own: [], inputs: [], leftOut: [], notes: [] };
  const further = mcpConfig === undefined ? none : readConfigFile(mcpConfig, folder);
  const own = placedServerSpecs(join(distFolder, 'servers'), variables, further.own);
  return { further, specs: [...own, ...further.servers] };
}

/** The first turn of a run waits no longer for a third-party server. Its tools follow in a later turn. */
const patienceMs = 5000;

function createHub(
  { settings, stateFolder, onServerLine, report }: AssembleOptions,
  parts: Pick<HubOptions, 'servers' | 'redact' | 'roots' | 'authFor' | 'fetch'>,
): Hub {
  return new Hub({
    ...parts,
    version,
    disabledTools: settings.disabledTools,
    pins: createPinStore(join(stateFolder, 'tool-pins')),
    ...(onServerLine !== undefined && { onLine: onServerLine }),
    thirdPartyLimits: limitsOfServers(settings),
    patienceMs,
    allowSampling: settings['mcp.allowSampling'],
    register: createChildRegister(join(stateFolder, 'children'), report),
  });
}

async function probeEverything(hub: Hub, options: AssembleOptions, signal: AbortSignal): Promise<readonly Tried[]> {
  const { variables, settings } = options;
  const hasModel = options.model !== undefined || hasClaude(variables);
  const model = await (hasModel
    ? probeModel(options.model ?? claudeOf(variables, settings, createOutbound(variables).fetch), signal)
    : noKey);
  const servers = hub.states().filter(({ trusted }) => trusted);
  const probes = ownServers.map(async (id) => {
    const view = servers.find((server) => server.id === id);
    const isHere = view?.place === undefined;
    const probe = await probeServer(hub, id, signal, isHere ? placesOf(id, options.variables) : []);
    const now = hub.states().find((server) => server.id === id);
    return {
      id,
      title: view?.title ?? id,
      given: !isHere || isGiven(id, options.variables),
      detail: now === undefined ? undefined : (describePlace(now) ?? looseness(now)),
      probe,
    };
  });
  const tried: Tried = {
    id: 'claude',
    title: `Claude (${options.settings.model})`,
    given: true,
    detail: undefined,
    probe: model,
  };
  return [tried, ...(await Promise.all(probes))];
}

/** Only what is not as it should be. */
function looseness({ confinement }: ServerView): string | undefined {
  return confinement?.kind === 'off' && confinement.isUsual !== true ? describeConfinement(confinement) : undefined;
}

/** The only places to use, as set in the configuration. */
function placesOf(server: SystemId, variables: Variables): readonly string[] {
  const name = systemOf(server).places;
  const list = name === undefined ? '' : (variables[name] ?? '');
  // A reference is resolved only by its server.
  if (/^(?:env|file):/.test(list)) return [];
  return list
    .split(',')
    .map((place) => place.trim())
    .filter((place) => place !== '');
}

function workspaceOf(workspace: string | Workspace | undefined): Workspace | undefined {
  return typeof workspace === 'string' ? createPlainWorkspace(workspace) : workspace;
}

function limitsOfServers(settings: AssembleOptions['settings']): ServerLimits {
  return { startMs: settings['mcp.startSeconds'] * 1000, callMs: settings['mcp.callSeconds'] * 1000 };
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

/** The secrets known to this process. A secret in a file or elsewhere is known only to its server. */
function secretsOf(variables: Variables): string[] {
  const remote = ownServers.flatMap((id) => [remoteVariables(id).token, remoteVariables(id).clientSecret]);
  const named = [...Object.keys(secretNames), ...remote, 'PGPASSWORD'].flatMap((name) => variables[name] ?? []);
  const addresses = [variables['DATABASE_URL'] ?? '', variables['DATABASES'] ?? ''].join(' ');
  const inAddresses = [...addresses.matchAll(/:\/\/[^\s/@:]+:([^\s/@]+)@/g)].flatMap(([, password = '']) => [
    password,
    decodeOr(password),
  ]);
  return [
    ...named,
    ...inAddresses,
    ...proxySecrets(variables),
    ...tracingSecrets(variables),
    ...claudeSecrets(variables),
  ];
}

function decodeOr(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
