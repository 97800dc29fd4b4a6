import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { approvalRoutes } from '../../../src/service/approvals/approval-routes.ts';
import type { WaitingWrite } from '../../../src/service/approvals/waiting-write.ts';
import { text } from '../../../src/service/http/route.ts';
import type { Identify } from '../../../src/service/login/visitors.ts';
import { jane, omar, rule, serviceUrl, startDesk, type Desk } from './desk.ts';
import { askIn, messageIn, shownIn } from './questions.ts';

let desk: Desk;
let count = 0;

/** Whoever the cookie or the token names; how they are checked is tested with the login. */
const identify: Identify = ({ request: { headers } }) => {
  const email = (headers.cookie ?? headers.authorization)?.split(' ').at(-1);
  if (email === undefined) return Promise.resolve({ kind: 'refused', answer: text(401, 'Who are you?') });
  const scopes = new Set(headers.authorization?.split(' ').slice(1, -1) ?? []);
  const visitor = { actor: email, subject: `issuer ${email}`, email, groups: [], scopes };
  return Promise.resolve({ kind: 'known', visitor });
};

beforeAll(async () => {
  desk = await startDesk(({ ports }) => [approvalRoutes({ ...ports, identify, serviceUrl })]);
});
afterAll(() => desk.stop());

const shown = (session: string, state?: string) => shownIn(desk, session, state);
const messageOf = (write: WaitingWrite) => messageIn(desk, write);
const ask = () => askIn(desk, `page-${(count += 1)}`, [rule]);

describe('the page of a waiting write', () => {
  const hers = { cookie: jane.email };
  const open = (id: string, headers: Record<string, string>) => fetch(`${desk.origin}/approvals/${id}`, { headers });
  const submit = (
    write: WaitingWrite,
    more: Record<string, string> = {},
    decision = 'approved',
    digest = write.digest,
  ) =>
    fetch(`${desk.origin}/approvals/${write.id}`, {
      method: 'POST',
      headers: { ...hers, origin: serviceUrl, ...more },
      body: new URLSearchParams({ decision, digest }),
    });

  it('shows all of it, and takes the answer of a person who is named', async () => {
    const { session, run, ended, write } = await ask();
    const page = await open(write.id, hers);
    expect(page.headers.get('content-security-policy')).toContain("form-action 'self'");
    expect(await page.text()).toContain('37 orders failed');
    const answered = await submit(write);
    expect(await answered.text()).toContain('approved by Jane Doe (U0JANE001), a browser');
    await ended;
    expect(run.sent).toEqual([run.input]);
    expect(JSON.stringify(messageOf(await shown(session, 'approved')).blocks)).toContain('U0JANE001), a browser, ');
    expect((await submit(write)).status).toBe(409);
  });

  it('gives programs the same, and of two answers one counts', async () => {
    const { run, ended, write, message } = await ask();
    const headers = { authorization: `Bearer approvals:write ${jane.email}`, 'content-type': 'application/json' };
    const list = await fetch(`${desk.origin}/approvals`, { headers });
    expect(await list.text()).toContain(`"id":"${write.id}"`);
    const [own, pressed] = await Promise.all([
      fetch(`${desk.origin}/approvals/${write.id}`, {
        method: 'POST',
        headers,
        body: JSON.stringify({ decision: 'approved', digest: write.digest }),
      }),
      desk.press({ button: 'Deny', user: omar.slack, message }),
    ]);
    expect(pressed.status).toBe(200);
    await ended;
    const state = (await desk.store.find(write.id))?.state;
    expect(own.status).toBe(state === 'approved' ? 200 : 409);
    expect(run.sent).toHaveLength(state === 'approved' ? 1 : 0);
  });

  it('is not answered by a program whose token is for something else', async () => {
    const { ended, write, message } = await ask();
    const headers = { authorization: `Bearer runs:read jira:write ${jane.email}` };
    const body = JSON.stringify({ decision: 'approved', digest: write.digest });
    const refused = await fetch(`${desk.origin}/approvals/${write.id}`, { method: 'POST', headers, body });
    expect([refused.status, await refused.text()]).toEqual([403, expect.stringContaining('approvals:write')]);
    expect((await desk.store.find(write.id))?.state).toBe('waiting');
    await desk.press({ button: 'Deny', user: jane.slack, message });
    await ended;
  });

  it('is not there for others, and takes no form of other pages, hash or decision', async () => {
    const { session, run, ended, write, message } = await ask();
    const lin = { cookie: 'lin@example.com' };
    expect((await open(write.id, {})).status).toBe(401);
    const [others, missing] = [await open(write.id, lin), await open('00000000-0000-4000-8000-000000000000', lin)];
    expect([others.status, await others.text()]).toEqual([missing.status, await missing.text()]);
    expect(await (await fetch(`${desk.origin}/approvals`, { headers: lin })).json()).toEqual({ approvals: [] });
    const statuses = [
      await submit(write, lin),
      await submit(write, { origin: 'https://evil.example' }),
      await submit(write, { origin: 'null' }),
      await submit(write, {}, 'approved', 'f'.repeat(64)),
      await submit(write, {}, 'maybe'),
      await submit(write, { 'content-type': 'text/plain' }),
      await fetch(`${desk.origin}/approvals/${write.id}`, { method: 'POST', headers: hers, body: 'decision=approved' }),
    ].map(({ status }) => status);
    expect(statuses).toEqual([404, 403, 403, 409, 400, 400, 403]);
    expect((await desk.store.ofSession(session))[0]?.state).toBe('waiting');
    await desk.press({ button: 'Deny', user: jane.slack, message });
    await ended;
    expect(run.sent).toEqual([]);
  });
});
