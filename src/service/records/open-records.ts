import { commaList, readVariable, type Variables } from '../../../servers/kit/environment.ts';
import type { Log } from '../../../servers/kit/log.ts';
import { SessionError, type SessionStore } from '../../sessions/session-store.ts';
import type { ApprovalStore } from '../approvals/approval-store.ts';
import type { RouteModule } from '../http/route.ts';
import { openVisitors } from '../login/visitors.ts';
import { recordRoutes } from './record-routes.ts';

export interface RecordsOptions {
  readonly variables: Variables;
  readonly serviceUrl: string | undefined;
  readonly sessions: Pick<SessionStore, 'read'>;
  readonly approvals: Pick<ApprovalStore, 'ofSession'>;
  readonly fetch: typeof fetch;
  readonly log: Log;
}

/**
 * The pages of runs, and the login for them. Without settings that say who may sign in there are none.
 * @throws ConfigurationError
 */
export async function openRecords(options: RecordsOptions): Promise<RouteModule> {
  const { variables, sessions, approvals } = options;
  const groups = commaList.parse((await readVariable(variables, 'SWITCHBOARD_RECORD_GROUPS')) ?? '');
  const visitors = await openVisitors({ ...options, groups });
  if (visitors === undefined) return { routes: [] };
  const read = async (id: string) => {
    try {
      return await sessions.read(id);
    } catch (error) {
      if (error instanceof SessionError) return undefined;
      throw error;
    }
  };
  const records = recordRoutes({ read, approvals, identify: visitors.identify, groups });
  return { routes: [...records.routes, ...visitors.module.routes] };
}
