import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import type { Log } from '../../servers/kit/log.ts';
import { ConfigurationError } from '../../servers/kit/errors.ts';
import type { StateDatabase } from '../../servers/kit/state/database.ts';
import type { SessionStore } from '../sessions/session-store.ts';
import type { Variables } from '../settings.ts';
import type { StartRequest, Switchboard } from '../switchboard.ts';
import type { RouteModule } from './http/route.ts';
import { openQueue } from './queue/open-queue.ts';
import { workOn, type WorkPorts } from './queue/work-on.ts';
import { createOccasionStore } from './state/occasion-store.ts';
import { createSharedSessions } from './state/shared-sessions.ts';
import { commandRoute } from './triggers/command-route.ts';
import { hookRoutes, type Hook } from './triggers/hook-routes.ts';
import { openSecrets } from './triggers/secrets.ts';
import { createStartRun } from './triggers/start-run.ts';
import { tellEnd } from './triggers/tell-end.ts';
import type { Triggers } from './triggers/triggers-file.ts';

export interface RunsOptions extends Pick<WorkPorts, 'bind' | 'exitCodeOf'> {
  readonly database: StateDatabase;
  /** Of the same database, for the queue. */
  readonly url: string;
  readonly triggers: Triggers;
  readonly variables: Variables;
  /** How many runs at once in this process. */
  readonly concurrency: number;
  /** How long runs may go on after the process was told to stop. */
  readonly drainMs: number;
  /** Of the app in Slack, if there is one. */
  readonly signingSecrets: readonly string[];
  /** Where Slack takes answers to commands. */
  readonly replyOrigins: readonly string[];
  readonly assemble: (sessions: SessionStore) => Switchboard;
  readonly away: StartRequest['away'];
  /** Whether a write of this session was answered meanwhile. */
  readonly isAnswered: (session: string) => Promise<boolean>;
  readonly fetch: typeof fetch;
  readonly log: Log;
}

export interface Runs {
  readonly module: RouteModule;
  /** Goes on with a run that waited for an approval. */
  readonly resume: (session: string) => Promise<void>;
}

const sweepMs = 20_000;

/** Takes what starts runs, and works on runs. @throws ConfigurationError */
export async function openRuns(options: RunsOptions): Promise<Runs> {
  const { database, triggers, log, signingSecrets } = options;
  const hooks = await openHooks(options);
  if (triggers.slack !== undefined && signingSecrets.length === 0)
    throw new ConfigurationError(
      'slack: SWITCHBOARD_SLACK_SIGNING_SECRET and the other settings of the Slack app are not set',
    );
  const holder = `${hostname()} ${process.pid} ${randomUUID()}`;
  const store = createOccasionStore(database, holder);
  const switchboard = options.assemble(createSharedSessions(database, holder));
  const stop = new AbortController();
  const work: WorkPorts = {
    ...options,
    start: switchboard.start,
    release: switchboard.release,
    store,
    maxAttempts: triggers.attempts,
    signal: stop.signal,
    sleep: (ms) => delay(ms, undefined, { signal: stop.signal }).catch(() => undefined),
    onEnd: async (row, end) => {
      if (end?.reason === 'waiting' && (await options.isAnswered(row.session))) await queue.add(row);
      const message = end?.message ?? row.message ?? 'It was given up.';
      await tellEnd(row, message, { fetch: options.fetch, origins: options.replyOrigins, log });
    },
  };
  const queue = await openQueue({ ...options, limits: triggers.limits, work: (id) => workOn(id, work) });
  const sweep = setInterval(() => {
    findStranded().catch((error: unknown) => log('warn', 'cannot look for stranded runs', { error: String(error) }));
  }, sweepMs);
  /** Whoever should have added them to the queue, or worked on them, is gone. */
  const findStranded = async (): Promise<void> => {
    for (const row of await store.stranded()) await queue.add(row);
  };
  const startRun = createStartRun({ store, limits: triggers.limits, bind: options.bind, enqueue: queue.add });
  const now = (): Date => new Date();
  const routes = [
    ...hookRoutes(hooks, { startRun, now, log }).routes,
    ...(triggers.slack === undefined
      ? []
      : commandRoute({ slack: triggers.slack, signingSecrets, startRun, now, log }).routes),
  ];
  const drain = async (): Promise<void> => {
    clearInterval(sweep);
    const late = setTimeout(() => stop.abort(), options.drainMs);
    await queue.drain();
    clearTimeout(late);
    await queue.close();
    await switchboard.dispose();
  };
  return {
    module: { routes, drain },
    resume: async (session) => {
      const row = await store.findBySession(session);
      if (row?.state === 'waiting') await queue.add(row);
    },
  };
}

async function openHooks({ triggers, variables }: RunsOptions): Promise<readonly Hook[]> {
  const hooks: Hook[] = [];
  for (const [name, trigger] of Object.entries(triggers.triggers))
    hooks.push({ name, trigger, secrets: await openSecrets(`triggers.${name}.secret`, trigger.secret, variables) });
  return hooks;
}
