import type { SessionContent } from '../../sessions/session-record.ts';
import type { ApprovalStore } from '../approvals/approval-store.ts';
import { exportPostmortem } from '../../sessions/export-postmortem.ts';
import { text, type Answer, type Call, type RouteModule } from '../http/route.ts';
import type { Visitor } from '../login/visitor.ts';
import type { Identify } from '../login/visitors.ts';
import { html } from './html.ts';
import { page, recordPage, recordPolicy } from './record-page.ts';

export interface RecordOptions {
  /** undefined if there is no such session. */
  readonly read: (session: string) => Promise<SessionContent | undefined>;
  readonly approvals: Pick<ApprovalStore, 'ofSession'>;
  readonly identify: Identify;
  /** Members of one of these may read every record. Without any, those whose token has the scope `runs:read`. */
  readonly groups: readonly string[];
}

const scope = 'runs:read';

/** The record of a run, read-only and for those who may see it. Others learn nothing, not even whether it exists. */
export function recordRoutes({ read, approvals, identify, groups }: RecordOptions): RouteModule {
  const mayRead = (visitor: Visitor): boolean =>
    groups.length > 0
      ? visitor.groups.some((group) => groups.includes(group))
      : visitor.scopes !== 'all' && visitor.scopes.has(scope);
  const answer = async (call: Call, write: (content: SessionContent) => Answer | Promise<Answer>): Promise<Answer> => {
    const visit = await identify(call);
    if (visit.kind === 'refused') return visit.answer;
    const { actor } = visit.visitor;
    const needed = groups.length > 0 ? 'one of the groups that may' : `a token with the scope ${scope}`;
    if (!mayRead(visit.visitor)) return refusal(403, `${actor} may not read records of runs. It needs ${needed}.`);
    const content = await read(call.parameters['id'] ?? '');
    if (content === undefined) return refusal(404, 'There is no such run.');
    return write(content);
  };
  const showRecord = async (content: SessionContent): Promise<Answer> =>
    document(200, recordPage(content, await approvals.ofSession(content.id)));
  return {
    routes: [
      { method: 'GET', path: '/runs/:id', handle: (call) => answer(call, showRecord) },
      { method: 'GET', path: '/runs/:id/postmortem.md', handle: (call) => answer(call, draft) },
    ],
  };
}

/** As a file: no browser takes it for a page. */
function draft(content: SessionContent): Answer {
  const name = `postmortem-${content.id.replaceAll(/[^A-Za-z0-9-]/gu, '')}.md`;
  return text(200, exportPostmortem(content), {
    'content-type': 'text/markdown; charset=utf-8',
    'content-disposition': `attachment; filename="${name}"`,
  });
}

function refusal(status: number, why: string): Answer {
  return document(
    status,
    page(
      'Not shown',
      html`<h1>Not shown</h1>
        <p>${why}</p>`,
    ),
  );
}

function document(status: number, body: string): Answer {
  return {
    status,
    body,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': recordPolicy,
      'x-frame-options': 'DENY',
      'cross-origin-opener-policy': 'same-origin',
    },
  };
}
