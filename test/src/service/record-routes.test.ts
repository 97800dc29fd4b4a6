import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ApprovalStore } from '../../../src/service/approvals/approval-store.ts';
import { startListener, type Listener } from '../../../src/service/http/start-listener.ts';
import { openPages } from '../../../src/service/open-pages.ts';
import { parseSessionFile } from '../../../src/sessions/session-record.ts';
import { SessionError } from '../../../src/sessions/session-store.ts';
import { startIssuer, type TestIssuer } from '../../servers/http/issuer.ts';

const serviceUrl = 'https://switchboard.example.com';
const handedOut = randomBytes(32).toString('hex');
const session = '20261130-100000-0a1b2c3d';
const secretTitle = 'Failed orders of a customer';

const none = (): Promise<never> => Promise.reject(new Error('There are no approvals here.'));
const noApprovals: ApprovalStore = {
  add: none,
  find: none,
  findOfCall: none,
  ofSession: none,
  waiting: none,
  answer: none,
  isAnswered: none,
  watch: { tell: () => undefined, next: none, close: none },
  close: none,
};

let issuer: TestIssuer;
let listener: Listener;

async function start(groups: readonly string[]): Promise<Listener> {
  const folder = await mkdtemp(join(tmpdir(), 'records-'));
  const tokens = join(folder, 'tokens');
  await writeFile(tokens, `bot ${createHash('sha256').update(handedOut).digest('hex')} runs:read sre\n`);
  const log = (): void => undefined;
  const header = { type: 'session', version: 1, id: session, time: '2026-11-30T10:00:00.000Z', title: secretTitle };
  const { content } = parseSessionFile(session, Buffer.from(`${JSON.stringify(header)}\n`));
  const records = await openPages({
    variables: {
      SWITCHBOARD_HTTP_ISSUER: issuer.url,
      SWITCHBOARD_HTTP_TOKENS_FILE: tokens,
      SWITCHBOARD_RECORD_GROUPS: groups.join(','),
    },
    serviceUrl,
    sessions: {
      read: (id) => (id === session ? Promise.resolve(content) : Promise.reject(new SessionError('There is none.'))),
    },
    approvals: {
      store: { ...noApprovals, ofSession: () => Promise.resolve([]) },
      audit: { append: () => 0 },
      onAnswered: () => Promise.resolve(),
    },
    fetch,
    log,
  });
  return startListener({ host: '127.0.0.1', port: 0 }, [records], { log, mayBeBalanced: false });
}

beforeAll(async () => {
  issuer = await startIssuer(serviceUrl);
  listener = await start(['sre']);
});
afterAll(async () => {
  await listener.drain();
  await issuer.stop();
});

const get = (token: string | undefined, id = session, { origin } = listener): Promise<Response> =>
  fetch(`${origin}/runs/${id}`, { headers: token === undefined ? {} : { authorization: `Bearer ${token}` } });

describe('the record of a run', () => {
  it('is for members of a named group, and may neither load nor run anything', async () => {
    for (const token of [await issuer.sign({ groups: ['web', 'sre'] }), handedOut]) {
      const answer = await get(token);
      expect(answer.status).toBe(200);
      expect(await answer.text()).toContain(secretTitle);
      expect(answer.headers.get('content-security-policy')).toMatch(/^default-src 'none'; style-src 'sha256-/u);
      expect(answer.headers.get('cache-control')).toBe('no-store');
      expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
    }
  });

  it.each([
    ['nobody', undefined, 401],
    ['a member of other groups', { groups: ['web'] }, 403],
    ['a token without groups, whatever its scopes', { scope: 'runs:read jira:write' }, 403],
    ['a token for another server', { groups: ['sre'], aud: 'https://mcp.example.com/jira' }, 401],
    ['an old token', { groups: ['sre'], exp: 1 }, 401],
    ['a token of another issuer', { groups: ['sre'], iss: 'https://evil.example' }, 401],
  ])('tells nothing to %s', async (_, claims, status) => {
    const token = claims === undefined ? undefined : await issuer.sign(claims);
    const answers = [await get(token), await get(token, 'no-such-run')];
    expect(answers.map((answer) => answer.status)).toEqual([status, status]);
    const texts = await Promise.all(answers.map((answer) => answer.text()));
    expect(texts[0]).toBe(texts[1]);
    expect(texts[0]).not.toContain(secretTitle);
  });

  it('is also the draft of a postmortem, as a file', async () => {
    const token = await issuer.sign({ groups: ['sre'] });
    const answer = await get(token, `${session}/postmortem.md`);
    expect(answer.headers.get('content-disposition')).toBe(`attachment; filename="postmortem-${session}.md"`);
    expect(await answer.text()).toContain(`# Postmortem: ${secretTitle}`);
    expect((await get(await issuer.sign({}), `${session}/postmortem.md`)).status).toBe(403);
  });

  it('needs the scope where no groups are named', async () => {
    const open = await start([]);
    expect((await get(await issuer.sign({ scope: 'runs:read' }), session, open)).status).toBe(200);
    expect((await get(await issuer.sign({ scope: 'jira:read', groups: ['sre'] }), session, open)).status).toBe(403);
    await open.drain();
  });

  it('is not there under any other name', async () => {
    const token = await issuer.sign({ groups: ['sre'] });
    expect((await get(token, '..%2f..%2fetc%2fpasswd')).status).toBe(404);
    expect((await get(token, '<script>')).status).toBe(404);
    const posted = await fetch(`${listener.origin}/runs/${session}`, { method: 'POST' });
    expect(posted.status).toBe(405);
  });
});
