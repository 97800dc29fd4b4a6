import { randomUUID } from 'node:crypto';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { findLookAlike } from '../servers/contract/look-alike-hosts.ts';
import type { Redact } from '../servers/contract/redact.ts';
import type { Tracing } from '../servers/contract/telemetry/tracing.ts';
import { addSpent, createBudget, defaultLimits, stricter, type BudgetLimits } from './agent/budget.ts';
import { countCleared, type ClearedCall } from './agent/run/approved-calls.ts';
import type { RunEvent, Usage } from './agent/events.ts';
import { withOrigin, type OriginatedGrant } from './agent/policy/grants.ts';
import type { Model } from './agent/model/model.ts';
import { createPolicyState, type PolicyState } from './agent/policy/policy-state.ts';
import { priceOf } from './agent/prices.ts';
import { createReadEvidenceTool } from './agent/evidence/read-tool.ts';
import type { RunPorts } from './agent/run/ports.ts';
import { createOccasionWrites, type OccasionWrites } from './agent/run/sending/occasion-writes.ts';
import { runAgent } from './agent/run/run.ts';
import { callsAsModel } from './agent/undo.ts';
import { limitsOfRunbook } from './agent/runbook/runbook.ts';
import type { ToolSource } from './agent/tools.ts';
import { explainMissing } from './mcp/explain-missing.ts';
import type { Hub } from './mcp/hub.ts';
import type { HostAudit } from './sessions/audit-log.ts';
import type { GrantStore } from './sessions/grant-store.ts';
import type { LiveSession } from './sessions/live-session.ts';
import { createMeasureStore } from './sessions/measure-store.ts';
import type { StoppedRun } from './sessions/session-record.ts';
import type { SessionStore } from './sessions/session-store.ts';
import { createUsageStore } from './sessions/usage-store.ts';
import type { AwayRun, StartRequest } from './switchboard.ts';
import { traceRun } from './trace-run.ts';

/** What every run of every session needs. */
export interface RunWiring {
  readonly tools: ToolSource;
  readonly hub: Hub;
  readonly sessions: SessionStore;
  readonly grants: GrantStore;
  readonly audit: HostAudit;
  /** From settings or a policy file. */
  readonly given: readonly OriginatedGrant[];
  readonly limits: BudgetLimits;
  /** The price of this model if the user set one, otherwise empty. */
  readonly modelPrice: (model: string) => string;
  readonly redact: Redact;
  readonly stateFolder: string;
  readonly allowSampling: boolean;
  /** @param wanted the runbook's model, which takes precedence over the settings. */
  readonly model: (wanted: string | undefined) => Model;
  readonly tracing: () => Promise<Tracing>;
  /** Receives internal errors. */
  readonly report: (error: unknown) => void;
}

/** The maximum conversation length before old results are shortened. Every current Claude model accepts more. */
const contextTokens = 150_000;
const maxOutputTokens = 16_000;
/** One run in this session. Everything is recorded as it happens. */
export async function* runIn(session: LiveSession, request: StartRequest, wiring: RunWiring): AsyncGenerator<RunEvent> {
  const { given, grants } = wiring;
  const resumed = request.resume === true ? await stoppedRun(session, wiring.sessions) : undefined;
  const standing = (await grants.grants()).map((grant) => withOrigin(grant, 'person'));
  const granted = [...given, ...standing, ...(await grantsOfRunbook(request, grants))];
  const run = randomUUID();
  const away =
    request.ask === undefined ? request.away?.({ session: session.file.id, run, title: titleOf(request) }) : undefined;
  if (resumed !== undefined) await keepApproved((await away?.approved()) ?? [], session);
  const policy = createPolicyState({
    // A grant lets the model write; it says nothing of what a person wants to undo.
    grants: request.calls === undefined && request.withoutGrants !== true ? granted : [],
    snapshot: session.policy,
    done: resumed === undefined ? undefined : countCleared(resumed.cleared),
  });
  const occasion = occasionOf(request, resumed);
  const untraced = { ...portsOf(session, request, policy, wiring), ...asking(request, away), occasion };
  const trace = traceRun(await wiring.tracing(), {
    session: session.file.id,
    run,
    model: untraced.model.id,
    runbook: request.runbook?.runbook.name,
    traceparent: request.traceparent,
    redact: wiring.redact,
  });
  const ports = { ...untraced, ...trace.ports(untraced, request.calls === undefined) };
  const usages = createUsageStore(join(wiring.stateFolder, 'usage'), wiring.report);
  const name = resumed === undefined ? request.runbook?.runbook.name : undefined;
  const events = runAgent(
    {
      session: session.file.id,
      run,
      actor: userInfo().username,
      prompt: resumed?.started.prompt ?? request.prompt,
      attachments: request.attachments,
      history: [...session.messages],
      runbook: request.runbook,
      resumed,
      undoes: request.undoes,
      forecast: name === undefined ? undefined : await usages.forecast(name, ports.model.id),
    },
    ports,
  );
  let used: Usage | undefined;
  try {
    for await (const event of events) {
      trace.saw(event);
      session.file.addEvent(event);
      if (event.type === 'usage-changed') used = event.usage;
      const whole = event.type === 'run-finished' && event.reason === 'completed';
      if (whole && name !== undefined && used !== undefined) await usages.add(name, ports.model.id, used);
      yield event;
    }
  } finally {
    trace.close();
    if (used !== undefined) session.spent = addSpent(session.spent, used);
    session.policy = policy.snapshot();
    await session.file.saveEvidence(session.evidence.snapshot());
    await session.file.savePolicy(session.policy);
  }
}

function occasionOf({ occasion }: StartRequest, resumed: StoppedRun | undefined): OccasionWrites | undefined {
  if (occasion === undefined) return undefined;
  const made = resumed?.cleared.filter(({ callId }) => !resumed.failed.includes(callId)) ?? [];
  return createOccasionWrites(occasion, made);
}

/** Undefined: the run starts from the beginning, even if the last one was interrupted before the model was asked. */
async function stoppedRun({ file }: LiveSession, sessions: SessionStore): Promise<StoppedRun | undefined> {
  await file.flush();
  const { stopped } = await sessions.read(file.id);
  return stopped?.begun === true ? stopped : undefined;
}

function titleOf({ runbook, prompt }: StartRequest): string {
  return runbook?.runbook.title ?? prompt;
}

function asking({ ask }: StartRequest, away: AwayRun | undefined): Pick<RunPorts, 'ask' | 'isAsked' | 'asksSingly'> {
  if (ask !== undefined || away === undefined) return { ask };
  return { ask: away.ask, isAsked: away.isAsked, asksSingly: true };
}

/** Approved while no process had the session: it is sent as if it had been approved just before the interruption. */
async function keepApproved(calls: readonly ClearedCall[], session: LiveSession): Promise<void> {
  for (const call of calls) {
    if (session.cleared.has(call.callId)) continue;
    session.cleared.set(call.callId, call);
    await session.file.addCleared(call);
  }
}

async function grantsOfRunbook(
  { runbook, acceptGrants }: StartRequest,
  grants: GrantStore,
): Promise<readonly OriginatedGrant[]> {
  if (runbook === undefined) return [];
  const accepted = acceptGrants || (await grants.isAccepted(runbook.runbook.name, runbook.acceptance));
  return accepted ? runbook.grants.map((grant) => withOrigin(grant, 'runbook')) : [];
}

function portsOf(
  session: LiveSession,
  request: StartRequest,
  policy: PolicyState,
  wiring: RunWiring,
): Omit<RunPorts, 'ask'> {
  const { tools, hub, grants, audit, limits, redact, stateFolder, report } = wiring;
  const runbook = request.runbook?.runbook;
  const model = request.calls === undefined ? wiring.model(runbook?.model) : callsAsModel(request.calls, randomUUID);
  return {
    model,
    tools,
    hostTools: [createReadEvidenceTool(session.evidence)],
    evidence: session.evidence,
    policy,
    audit,
    measures: createMeasureStore(join(stateFolder, 'measures')),
    cleared: {
      find: (callId) => session.cleared.get(callId),
      keep: async (call) => {
        session.cleared.set(call.callId, call);
        await session.file.addCleared(call);
      },
    },
    acceptChange: hub.acceptChange,
    keepGrant: grants.addGrant,
    askForServer: request.askForServer,
    allowSampling: wiring.allowSampling,
    budget:
      request.calls === undefined
        ? createBudget(
            stricter(limits, runbook === undefined ? {} : limitsOfRunbook(runbook)),
            priceOf(model.id, wiring.modelPrice(model.id)),
            session.spent,
          )
        : // It costs nothing, and must be possible when everything is spent.
          createBudget(defaultLimits, () => undefined),
    containsSecret: (text) => redact(text) !== text,
    lookAlike: (host, known) => findLookAlike(host, known)?.like,
    now: () => new Date(),
    newId: randomUUID,
    signal: request.signal,
    keep: async (message) => {
      await session.file.saveEvidence(session.evidence.snapshot());
      await session.file.savePolicy(policy.snapshot());
      await session.file.addMessage(message);
      session.messages.push(message);
    },
    keepShorter: async (messages) => {
      await session.file.addCompacted(messages);
      session.messages.splice(0, session.messages.length, ...messages);
    },
    explainMissing: (plainName) => explainMissing(hub, plainName),
    report,
    contextTokens,
    maxOutputTokens,
  };
}
