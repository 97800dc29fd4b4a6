import { SharedAudit } from '../../../servers/kit/state/shared-audit.ts';
import type { Log } from '../../../servers/kit/log.ts';
import type { StateDatabase } from '../../../servers/kit/state/database.ts';
import type { RouteModule } from '../http/route.ts';
import { createSlackApi } from '../slack/slack-api.ts';
import type { SlackSettings } from '../slack/slack-settings.ts';
import { createApprovalStore, type ApprovalStore } from './approval-store.ts';
import type { Links } from './card/approval-card.ts';
import type { GiveAnswerPorts } from './give-answer.ts';
import { interactionRoutes } from './interactions.ts';
import { startPoster } from './poster.ts';

export interface ApprovalsOptions {
  readonly database: StateDatabase;
  readonly log: Log;
  /** undefined: nothing is posted, and no button is answered. */
  readonly slack: SlackSettings | undefined;
  readonly fetch: typeof fetch;
  /** Public address of the service, without a slash at the end. */
  readonly serviceUrl: string | undefined;
  readonly onAnswered: GiveAnswerPorts['onAnswered'];
}

export interface Approvals {
  readonly store: ApprovalStore;
  readonly module: RouteModule;
  /** For answers that come another way. */
  readonly ports: GiveAnswerPorts;
}

const purgeMs = 3_600_000;

/** Posts what waits for people, and takes their answers. */
export function openApprovals(options: ApprovalsOptions): Approvals {
  const { database, log, slack, onAnswered } = options;
  const store = createApprovalStore(database, log);
  const audit = new SharedAudit(database, 'service', log);
  const purging = setInterval(() => {
    database
      .query('select switchboard.purge_approvals()', [])
      .catch((error: unknown) => log('warn', 'cannot purge old approvals', { error: String(error) }));
  }, purgeMs).unref();
  const closing = async (): Promise<void> => {
    clearInterval(purging);
    await audit.close();
    await store.close();
  };
  const ports: GiveAnswerPorts = { store, audit, onAnswered };
  if (slack === undefined) return { store, ports, module: { routes: [], drain: closing } };
  const api = createSlackApi({ apiUrl: slack.apiUrl, token: slack.token, fetch: options.fetch });
  const poster = startPoster({ database, store, slack: api, links: linksOf(options), log });
  const interactions = interactionRoutes({ ...slack, ...ports, slack: api, log });
  return {
    store,
    ports,
    module: {
      routes: interactions.routes,
      drain: async () => {
        await interactions.drain?.();
        await poster.stop();
        await closing();
      },
    },
  };
}

function linksOf({ serviceUrl }: ApprovalsOptions): Links | undefined {
  if (serviceUrl === undefined) return undefined;
  return {
    question: ({ id }) => `${serviceUrl}/approvals/${encodeURIComponent(id)}`,
    record: ({ session }) => `${serviceUrl}/runs/${encodeURIComponent(session)}`,
  };
}
