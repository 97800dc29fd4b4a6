import { createRedactor } from '../../../servers/contract/redact.ts';
import { createLog } from '../../../servers/kit/log.ts';
import { openDatabase } from '../../../servers/kit/state/database.ts';
import { readStateUrl } from '../../../servers/kit/state/state-url.ts';
import type { ApprovalRule } from '../../agent/policy/approvers.ts';
import type { Variables } from '../../settings.ts';
import type { AwayDesk } from '../../switchboard.ts';
import { createApprovalStore } from './approval-store.ts';
import { createAwayDesk } from './away-desk.ts';

/**
 * Lets a run of the command line ask people elsewhere. It only stores its questions: the workers post them.
 * @param occasion of the run; empty if it has none.
 * @returns undefined without a state database.
 * @throws ConfigurationError
 */
export async function openDesk(
  rules: readonly ApprovalRule[],
  variables: Variables,
  report: (error: unknown) => void,
  occasion: string,
): Promise<{ readonly away: AwayDesk; readonly close: () => Promise<void> } | undefined> {
  const state = await readStateUrl(variables);
  if (state === undefined) return undefined;
  const log = createLog('approvals', 'warn', createRedactor(state.secrets));
  const database = await openDatabase(state.url, 'run', log);
  const store = createApprovalStore(database, log);
  // The session of an occasion is in the database, where workers find it.
  const next = (session: string): string =>
    occasion === ''
      ? `Then: switchboard resume ${session}`
      : 'Then a worker goes on with it, or the same command does.';
  return {
    away: createAwayDesk({ store, rules, report, next }),
    close: async () => {
      await store.close();
      await database.close();
    },
  };
}
