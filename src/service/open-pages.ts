import { commaList, readVariable, type Variables } from '../../servers/kit/environment.ts';
import type { Log } from '../../servers/kit/log.ts';
import { SessionError, type SessionStore } from '../sessions/session-store.ts';
import { approvalRoutes } from './approvals/approval-routes.ts';
import type { GiveAnswerPorts } from './approvals/give-answer.ts';
import type { RouteModule } from './http/route.ts';
import { openVisitors } from './login/visitors.ts';
import { recordRoutes } from './records/record-routes.ts';

export interface PagesOptions {
  readonly variables: Variables;
  readonly serviceUrl: string | undefined;
  readonly sessions: Pick<SessionStore, 'read'>;
  readonly approvals: GiveAnswerPorts;
  readonly fetch: typeof fetch;
  readonly log: Log;
}

/**
 * What people see of runs and of writes that wait for them, and the login for it. Without settings that say who may sign in
 * there is none of it.
 * @throws ConfigurationError
 */
export async function openPages(options: PagesOptions): Promise<RouteModule> {
  const { variables, sessions, approvals, serviceUrl } = options;
  const groups = commaList.parse((await readVariable(variables, 'SWITCHBOARD_RECORD_GROUPS')) ?? '');
  const visitors = await openVisitors({ ...options, groups });
  if (visitors === undefined) return { routes: [] };
  const { identify } = visitors;
  const read = async (id: string) => {
    try {
      return await sessions.read(id);
    } catch (error) {
      if (error instanceof SessionError) return undefined;
      throw error;
    }
  };
  const records = recordRoutes({ read, approvals: approvals.store, identify, groups });
  const questions = approvalRoutes({ ...approvals, identify, serviceUrl });
  return { routes: [...records.routes, ...questions.routes, ...visitors.module.routes] };
}
