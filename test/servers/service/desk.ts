/** A service that asks people in Slack, on a real PostgreSQL and over real HTTP, and runs that wait for them. */
import { Client } from 'pg';
import { inject } from 'vitest';
import type { ApprovalRule } from '../../../src/agent/policy/approvers.ts';
import type { ClearedCall } from '../../../src/agent/run/approved-calls.ts';
import type { Message as ModelMessage } from '../../../src/agent/model/model.ts';
import { createApprovalStore, type ApprovalStore } from '../../../src/service/approvals/approval-store.ts';
import { createAwayDesk } from '../../../src/service/approvals/away-desk.ts';
import type { GiveAnswerPorts } from '../../../src/service/approvals/give-answer.ts';
import { interactionRoutes } from '../../../src/service/approvals/interactions.ts';
import { startPoster } from '../../../src/service/approvals/poster.ts';
import type { WaitingWrite } from '../../../src/service/approvals/waiting-write.ts';
import type { RouteModule } from '../../../src/service/http/route.ts';
import { startListener } from '../../../src/service/http/start-listener.ts';
import { createSlackApi } from '../../../src/service/slack/slack-api.ts';
import type { AuditBody } from '../../../servers/contract/audit/record.ts';
import type { Log } from '../../../servers/kit/log.ts';
import { openDatabase, type StateDatabase } from '../../../servers/kit/state/database.ts';
import { accessCluster } from '../../stack/database/cluster.ts';
import { ourApp, pressButton, type Press } from '../../stack/slack/press.ts';
import { startSlack } from '../../stack/slack/slack.ts';
import { playRun, writeTool } from '../../src/agent/scripted.ts';

export const serviceUrl = 'https://switchboard.example.com';
export const signingSecret = 'signing-secret-of-the-stand-in';
export const jane = { slack: 'U0JANE001', name: 'Jane Doe', email: 'jane@example.com' };
export const omar = { slack: 'U0OMAR001', name: 'Omar Haddad' };
export const rule: ApprovalRule = { post: 'C0OPERATE', people: [jane, omar], wait: '10m', expires: '4h' };
/** Does not wait at all. */
export const impatient: ApprovalRule = { ...rule, wait: '0m' };

export interface DeskParts {
  readonly database: StateDatabase;
  readonly store: ApprovalStore;
  readonly log: Log;
  readonly ports: GiveAnswerPorts;
}

export async function startDesk(modules: (parts: DeskParts) => readonly RouteModule[] = () => []) {
  const cluster = accessCluster(inject('postgres'));
  const url = await cluster.createDatabase(`desk_${process.pid}_${Date.now()}`);
  const logged: string[] = [];
  const log: Log = (_, what, facts = {}) => void logged.push(`${what} ${JSON.stringify(facts)}`);
  const database = await openDatabase(url, 'worker', log);
  const store = createApprovalStore(database, log);
  const slack = await startSlack();
  const api = createSlackApi({ apiUrl: slack.apiUrl, token: slack.token, fetch });
  const audited: AuditBody[] = [];
  const answered: string[] = [];
  const audit = { append: (make: () => AuditBody) => Promise.resolve(audited.push(make())) };
  const ports: GiveAnswerPorts = {
    store,
    audit,
    onAnswered: ({ session }) => Promise.resolve(void answered.push(session)),
  };
  const interactions = interactionRoutes({
    ...ports,
    slack: api,
    signingSecrets: [signingSecret],
    team: slack.workspace.team.id,
    app: ourApp,
    log,
  });
  const parts = { database, store, log, ports };
  const listener = await startListener({ host: '127.0.0.1', port: 0 }, [interactions, ...modules(parts)], {
    log,
    mayBeBalanced: false,
  });
  const links = {
    question: ({ id }: WaitingWrite) => `${serviceUrl}/approvals/${id}`,
    record: () => `${serviceUrl}/runs/1`,
  };
  const poster = startPoster({ database, store, slack: api, links, log });
  const admin = new Client(url);
  await admin.connect();
  const faults: unknown[] = [];
  return {
    ...parts,
    slack,
    origin: listener.origin,
    audited,
    answered,
    logged,
    faults,
    admin,
    press: (press: Partial<Press> & Pick<Press, 'button' | 'user'>) =>
      pressButton(slack, {
        requestUrl: `${listener.origin}/slack/interactions`,
        signingSecret,
        channel: 'C0OPERATE',
        ...press,
      }),
    desk: (rules: readonly ApprovalRule[]) =>
      createAwayDesk({
        store,
        rules,
        report: (error) => faults.push(error),
        next: (session) => `Then: ${session}.`,
      }),
    /** Starts another process that posts. */
    poster: () => startPoster({ database, store, slack: api, links, log }),
    stop: async () => {
      await poster.stop();
      await listener.drain();
      await store.close();
      await database.close();
      await admin.end();
      await slack.stop();
    },
  };
}

export type Desk = Awaited<ReturnType<typeof startDesk>>;

/** One session: a run that files a ticket, and can be resumed. */
export function createSession(desk: Desk, session: string, rules: readonly ApprovalRule[] = [rule]) {
  const ticket = writeTool('create_jira_ticket', 'jira', 'project_key', () => ({ issue_key: 'ENG-1' }));
  const input = {
    project_key: 'ENG',
    summary: '37 orders failed',
    description: 'See <https://evil.example|here> @channel',
  };
  const cleared = new Map<string, ClearedCall>();
  let history: readonly ModelMessage[] = [];
  const sent: (typeof input)[] = [];
  const run = async (isResumed: boolean) => {
    const away = desk.desk(rules)({ session, run: `run of ${session}`, title: 'Failed orders' });
    if (isResumed) for (const call of await away.approved()) cleared.set(call.callId, call);
    const played = await playRun({
      play: ({ messages }) =>
        messages.at(-1)?.content.some(({ type }) => type === 'tool-result') === true
          ? { text: 'Done.' }
          : { calls: [{ name: 'jira__create_jira_ticket', input }] },
      tools: [ticket],
      asking: { ask: away.ask, isAsked: away.isAsked, asksSingly: true },
      cleared: { find: (id) => cleared.get(id), keep: (call) => Promise.resolve(void cleared.set(call.callId, call)) },
      request: { session, history, ...(isResumed && { resumed: { conditions: [] } }) },
    });
    history = [...history, ...played.kept];
    sent.push(...played.tools.sent.map(({ input: given }) => ({ ...input, ...given })));
    return played;
  };
  return { input, cleared, sent, start: () => run(false), resume: () => run(true) };
}
