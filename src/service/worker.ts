import * as z from 'zod';
import { integer, readVariable, readVariables } from '../../servers/kit/environment.ts';
import { ConfigurationError } from '../../servers/kit/errors.ts';
import { isLoopback, readHttpOption } from '../../servers/kit/http/option.ts';
import { createRedactor } from '../../servers/contract/redact.ts';
import { createLog } from '../../servers/kit/log.ts';
import { openDatabase } from '../../servers/kit/state/database.ts';
import { readStateUrl } from '../../servers/kit/state/state-url.ts';
import { createOutbound } from '../../servers/contract/network/outbound.ts';
import type { ApprovalRule } from '../agent/policy/approvers.ts';
import type { SessionStore } from '../sessions/session-store.ts';
import type { Variables } from '../settings.ts';
import type { Switchboard } from '../switchboard.ts';
import type { ApprovalStore } from './approvals/approval-store.ts';
import { createAwayDesk } from './approvals/away-desk.ts';
import { openApprovals } from './approvals/open-approvals.ts';
import type { RouteModule } from './http/route.ts';
import { startListener } from './http/start-listener.ts';
import { openPages } from './open-pages.ts';
import { openRuns, type Runs, type RunsOptions } from './open-runs.ts';
import { readServiceUrl } from './service-url.ts';
import { createSharedSessions } from './state/shared-sessions.ts';
import { readSlackSettings, secretsOf } from './slack/slack-settings.ts';
import { parseTriggers, type Triggers } from './triggers/triggers-file.ts';

export interface WorkerOptions {
  /** HOST:PORT */
  readonly http: string;
  readonly variables: Variables;
  /** The file that maps what arrives to runbooks. */
  readonly triggers: { readonly file: string; readonly text: string } | undefined;
  readonly bind: RunsOptions['bind'];
  /** @param more variables that the servers get besides those of the process. */
  readonly assemble: (sessions: SessionStore, more: Variables) => Switchboard;
  readonly exitCodeOf: RunsOptions['exitCodeOf'];
  /** Whom runs ask about their writes. */
  readonly approvals: readonly ApprovalRule[];
  /** Receives internal errors. */
  readonly report: (error: unknown) => void;
  /** Aborts when the worker shall end: it then answers what it has begun. */
  readonly signal: AbortSignal;
}

const settingsSchema = z.object({
  SWITCHBOARD_WORKER_RUNS: integer(1, 100).default(4).describe('How many runs a worker does at once.'),
  SWITCHBOARD_WORKER_DRAIN_SECONDS: integer(0, 3600)
    .default(25)
    .describe('How long runs may go on after a worker was told to stop. Then another one goes on with them.'),
});

/**
 * The service that receives what starts runs, and works on them. Resolves when it has ended after the signal.
 * @throws ConfigurationError
 */
export async function runWorker(options: WorkerOptions): Promise<void> {
  const { variables, signal } = options;
  const address = readHttpOption(['--http', options.http]);
  const state = await readStateUrl(variables);
  if (address === undefined || state === undefined)
    throw new ConfigurationError(
      'SWITCHBOARD_STATE_URL is not set: the worker keeps its runs in a PostgreSQL database',
    );
  const settings = await readVariables(variables, settingsSchema);
  const triggers = readTriggers(options.triggers);
  const slack = await readSlackSettings(variables);
  const serviceUrl = await readServiceUrl(variables);
  const level = (await readVariable(variables, 'SWITCHBOARD_LOG')) === 'debug' ? 'debug' : 'warn';
  const log = createLog('worker', level, createRedactor([...state.secrets, ...secretsOf(slack)]));
  const database = await openDatabase(state.url, 'worker', log);
  const { fetch } = createOutbound(variables);
  let resume: Runs['resume'] = () => Promise.resolve();
  const approvals = openApprovals({
    database,
    log,
    slack,
    serviceUrl,
    fetch,
    onAnswered: ({ session }) => resume(session),
  });
  const runs = await openRuns({
    ...options,
    // Tickets then end with the record of their run.
    assemble: (sessions) => options.assemble(sessions, recordsOf(serviceUrl)),
    database,
    url: state.url,
    triggers,
    concurrency: settings.SWITCHBOARD_WORKER_RUNS,
    drainMs: settings.SWITCHBOARD_WORKER_DRAIN_SECONDS * 1000,
    signingSecrets: slack?.signingSecrets ?? [],
    replyOrigins: ['https://hooks.slack.com'],
    away: deskOf(options, approvals.store),
    isAnswered: approvals.store.isAnswered,
    fetch,
    log,
  });
  ({ resume } = runs);
  const pages = await openPages({
    variables,
    serviceUrl,
    sessions: createSharedSessions(database, 'reader'),
    approvals: approvals.ports,
    fetch,
    log,
  });
  const modules: readonly RouteModule[] = [runs.module, approvals.module, pages];
  const listener = await startListener(address, modules, { log, mayBeBalanced: !isLoopback(address.host) });
  process.stderr.write(`switchboard-worker: listening on ${listener.origin}\n`);
  await aborted(signal);
  await listener.drain();
  await database.close();
}

function deskOf({ approvals: rules, report }: WorkerOptions, store: ApprovalStore): RunsOptions['away'] {
  if (rules.length === 0) return undefined;
  return createAwayDesk({ store, rules, report, next: () => 'Then the run goes on.' });
}

function recordsOf(serviceUrl: string | undefined): Variables {
  return serviceUrl === undefined ? {} : { SWITCHBOARD_RECORDS_URL: `${serviceUrl}/runs/` };
}

/** @throws ConfigurationError */
function readTriggers(given: WorkerOptions['triggers']): Triggers {
  const read = parseTriggers(given?.text ?? '{}', given?.file ?? '--triggers');
  if (read.kind === 'invalid') throw new ConfigurationError(read.message);
  return read.triggers;
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
