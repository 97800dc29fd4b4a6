import { mkdtemp, rm } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createRenewable } from '../../../servers/contract/secrets/renewable.ts';
import { createTransport } from '../../../servers/jira/client/transport.ts';
import { noTelemetry } from '../../../servers/kit/telemetry/telemetry.ts';
import { noPauses } from '../../../servers/kit/pauses.ts';
import { endless, peakMemory, raw, startUpstream, type Upstream, type UpstreamAnswer } from '../../stack/upstream.ts';
import { bug, matching, startFixture, startSession, type Session } from './harness.ts';

const token = 'ATATT-of-a-bare-jira';

/** A minimal Jira as documented. A search finds what was created. */
async function startBare(answers: Record<string, UpstreamAnswer> = {}): Promise<{ jira: Upstream; session: Session }> {
  const jira = await startUpstream('Jira', { 'the token of a bare Jira': token });
  onTestFinished(() => jira.stop());
  const state = await mkdtemp(join(tmpdir(), 'switchboard-jira-'));
  onTestFinished(() => rm(state, { recursive: true, force: true }));
  const stored: unknown[] = [];
  const { 'POST /issue': answerCreate = { id: '1', key: 'ENG-1' }, ...others } = answers;
  const field = (id: string, type: string) => ({
    fieldId: id,
    name: id,
    required: false,
    schema: { type, system: id },
  });
  const all: Record<string, UpstreamAnswer> = {
    'GET /issue/createmeta/ENG/issuetypes': { issueTypes: [{ id: '1', name: 'Bug' }] },
    'GET /issue/createmeta/ENG/issuetypes/1': { fields: [field('summary', 'string'), field('labels', 'array')] },
    'POST /search/jql': () => ({ issues: stored, isLast: true }),
    'POST /issue': (request, response) => {
      stored.push({ id: '1', key: 'ENG-1', fields: {} });
      return typeof answerCreate === 'function' ? answerCreate(request, response) : answerCreate;
    },
    ...others,
  };
  for (const [line, answer] of Object.entries(all)) jira.on(line.replace(' /', ' /rest/api/3/'), answer);
  const session = await startSession({
    JIRA_URL: jira.url,
    JIRA_EMAIL: 'bot@example.com',
    JIRA_TOKEN: token,
    SWITCHBOARD_STATE_DIR: state,
  });
  onTestFinished(() => session.close());
  return { jira, session };
}

describe('an unreadable response', () => {
  const answers: Readonly<Record<string, UpstreamAnswer>> = {
    'nothing at all': raw(201, ''),
    'an empty object': {},
    null: raw(201, 'null'),
    'a list': raw(201, '[]'),
    'half an answer': raw(201, '{"id":"1","ke'),
    'no JSON': raw(201, 'created', { 'content-type': 'text/plain' }),
    'compressed, which nobody asked for': raw(201, gzipSync('{"id":"1","key":"ENG-1"}'), {
      'content-encoding': 'gzip',
    }),
    'a head without end': raw(201, '{}', { 'x-long': 'x'.repeat(100_000) }),
    'an answer without end': endless,
    'a failure of the gateway': raw(504, '<html>', { 'content-type': 'text/html' }),
  };

  test.each(Object.entries(answers))(
    'to a create: %s, and the issue is found, not created again',
    async (name, answer) => {
      const { jira, session } = await startBare({ 'POST /issue': answer });
      const { structured } = await session.call('create_jira_ticket', bug, { key: `strange ${name}` });
      expect(structured).toMatchObject({ outcome: 'done', issue_key: 'ENG-1' });
      expect(jira.requests.filter(({ line }) => line === 'POST /rest/api/3/issue')).toHaveLength(1);
      expect(peakMemory(session.pid)).toBeLessThan(300_000);
    },
  );

  test('truncated at any byte: each issue is found, not created again', async () => {
    const { jira, session } = await startBare();
    const whole = Buffer.from(
      'HTTP/1.1 201 Created\r\ncontent-type: application/json\r\ncontent-length: 25\r\n\r\n{"id":"1","key":"ENG-99"}',
    );
    for (const [index, bytes] of [0, 1, 9, 13, 40, -26, -25, -24, -23, -12, -2].entries()) {
      const issue_key = `ENG-${index + 1}`;
      jira.on('POST /rest/api/3/issue', (_, response) => {
        jira.on('POST /rest/api/3/search/jql', { issues: [{ key: issue_key, fields: {} }], isLast: true });
        response.socket?.write(whole.subarray(0, bytes), () => response.socket?.resetAndDestroy());
      });
      const { structured } = await session.call('create_jira_ticket', bug, { key: `cut at byte ${bytes}` });
      expect({ bytes, ...structured }).toMatchObject({ bytes, outcome: 'done', issue_key });
    }
    expect(jira.requests.filter(({ line }) => line === 'POST /rest/api/3/issue')).toHaveLength(11);
  });

  test('to a read is an error that says so', async () => {
    const { jira, session } = await startBare();
    for (const [name, answer] of Object.entries(answers)) {
      jira.on('GET /rest/api/3/issue/ENG-1', answer);
      const { structured } = await session.call('get_jira_issue', { issue_key: 'ENG-1' });
      expect({ name, ...structured.error }).toMatchObject({
        code: matching(/^(?:upstream_error|unreachable|too_large)$/),
        message: matching(/Jira/),
      });
    }
  });

  test('is not one that merely lacks a content type, as behind a proxy', async () => {
    const plain = raw(201, '{"id":"1","key":"ENG-7"}', { 'content-type': 'text/plain' });
    const { session } = await startBare({ 'POST /issue': plain });
    expect((await session.call('create_jira_ticket', bug)).structured.issue_key).toBe('ENG-7');
  });
});

test('a trickling response is aborted at the deadline, and a read is not retried', async () => {
  const drip = (_: unknown, response: ServerResponse): void => {
    response.writeHead(200, { 'content-type': 'application/json' });
    const timer = setInterval(() => response.write(' '), 20);
    response.on('close', () => clearInterval(timer));
  };
  const jira = await startUpstream('Jira', {});
  onTestFinished(() => jira.stop());
  jira.on('GET /rest/api/3/myself', drip);
  jira.on('POST /rest/api/3/issue', drip);
  const transport = createTransport({
    baseUrl: jira.url,
    authorization: createRenewable('Basic eA==', () => Promise.resolve('Basic eA==')),
    pauses: noPauses,
    telemetry: noTelemetry,
    deadlineMs: 200,
  });
  const client = transport({ signal: new AbortController().signal, progress: () => undefined });
  await expect(client.sendRequest({ url: '/rest/api/3/myself' })).rejects.toMatchObject({
    code: 'timeout',
    message: 'Jira did not respond within 0.2 s.',
  });
  await expect(client.sendRequest({ url: '/rest/api/3/issue', method: 'POST', body: {} })).rejects.toMatchObject({
    code: 'outcome_unknown',
    message: 'Jira did not respond within 0.2 s.',
  });
  expect(jira.requests).toHaveLength(2);
});

test('a 429 is waited out in any format that HTTP allows', async () => {
  const { jira, session } = await startBare();
  const inThreeDays = new Date(Date.now() + 86_400_000 * 3).toUTCString();
  for (const [header, retryAfterMs] of [
    ['3600', 3_600_000],
    ['1847.5', 1_847_500],
    ['99999999999999999999999', 86_400_000],
    [inThreeDays, 86_400_000],
  ] as const) {
    jira.on('GET /rest/api/3/issue/ENG-1', raw(429, '{}', { 'retry-after': header }));
    const { structured } = await session.call('get_jira_issue', { issue_key: 'ENG-1' });
    expect({ header, ...structured.error }).toMatchObject({ header, code: 'rate_limited', retryAfterMs });
  }
  // An invalid time does not count as "immediately".
  for (const header of ['-5', 'soon', '2001']) {
    let asked = 0;
    jira.on('GET /rest/api/3/issue/ENG-1', (request, response) => {
      asked += 1;
      return asked > 1 ? { key: 'ENG-1', fields: {} } : raw(429, '{}', { 'retry-after': header })(request, response);
    });
    const said: string[] = [];
    const options = { onProgress: (text: string) => said.push(text) };
    const answer = await session.call('get_jira_issue', { issue_key: 'ENG-1', comments: 0 }, options);
    expect({ header, isError: answer.isError }).toEqual({ header, isError: header === '2001' });
    expect(said).toEqual(header === '2001' ? [] : ['Jira asks to wait 1 s']);
  }
});

test('missing or null fields hide nothing else', async () => {
  const person = { accountId: '5b10a2844c20165700ede21z', displayName: 'Mara', emailAddress: null, active: null };
  const { jira, session } = await startBare();
  jira.on('GET /rest/api/3/issue/ENG-1', {
    id: '1',
    key: 'ENG-1',
    fields: {
      project: { key: 'ENG', name: 'Engine', projectTypeKey: null },
      summary: 'Seen',
      assignee: person,
      reporter: null,
      priority: null,
      labels: null,
      status: { id: null, name: 'Open' },
      attachment: [{ id: '7', filename: 'a.csv', size: null, created: null, author: null }],
      issuelinks: [
        { type: { name: 'Blocks', inward: 'is blocked by', outward: 'blocks' }, outwardIssue: { key: 'ENG-2' } },
      ],
    },
    names: null,
  });
  jira.on('GET /rest/api/3/issue/ENG-1/comment', {
    comments: [
      { id: '1', author: null, body: null, created: null },
      { id: '2', author: person, body: { type: 'doc' } },
    ],
  });
  jira.on('GET /rest/api/3/user/search', [person, { accountId: 'qm:1', displayName: null }]);
  const { text, isError } = await session.call('get_jira_issue', { issue_key: 'ENG-1' });
  expect(isError).toBe(false);
  for (const part of [
    'assignee: Mara',
    'status: Open',
    'attachment: a.csv',
    'blocks ENG-2',
    '--- somebody',
    '--- Mara',
  ])
    expect(text).toContain(part);
  expect((await session.call('find_jira_users', { query: 'mara' })).structured.rows).toEqual([
    ['Mara', null, '5b10a2844c20165700ede21z'],
    ['somebody', null, 'qm:1'],
  ]);
});

test('allowed projects are found on any page', async () => {
  const jira = await startUpstream('Jira', { 'the token of a bare Jira': token });
  onTestFinished(() => jira.stop());
  jira.on('GET /rest/api/3/project/search', ({ query }) => {
    const startAt = Number(query.get('startAt'));
    // Jira returns at most a hundred, however many are requested.
    const count = Math.min(Number(query.get('maxResults')), 100, 350 - startAt);
    const values = Array.from({ length: count }, (_, index) => ({ key: `P${startAt + index}`, name: 'Project' }));
    return { values, startAt, maxResults: 100, isLast: startAt + count >= 350 };
  });
  const open = async (allowed: Record<string, string>): Promise<Session> => {
    const state = { SWITCHBOARD_STATE_DIR: join(tmpdir(), 'not-written-to') };
    const session = await startSession({
      JIRA_URL: jira.url,
      JIRA_EMAIL: 'b@c.d',
      JIRA_TOKEN: token,
      ...state,
      ...allowed,
    });
    onTestFinished(() => session.close());
    return session;
  };
  const some = await (await open({ JIRA_ALLOWED_PROJECTS: 'P3,P349' })).call('list_jira_projects', {});
  expect(some.structured).toMatchObject({
    rows: [
      ['P3', 'Project'],
      ['P349', 'Project'],
    ],
    truncated: false,
  });
  const all = await (await open({})).call('list_jira_projects', {});
  expect(all.structured).toMatchObject({ row_count: 100, truncated: true });
});

test('an assignee is found by account id, which no text search finds', async () => {
  const fixture = await startFixture();
  onTestFinished(() => fixture.stop());
  const session = await fixture.open();
  const id = '5b10a2844c20165700ede21c';
  const { structured } = await session.call('create_jira_ticket', { ...bug, assignee: id });
  const shown = await session.call('get_jira_issue', { issue_key: structured.issue_key });
  expect(shown.text).toContain('assignee: Jordan Lee');
  await session.call('update_jira_issue', { issue_key: structured.issue_key, assignee: '5b10a2844c20165700ede21b' });
  expect((await session.call('get_jira_issue', { issue_key: structured.issue_key })).text).toContain(
    'assignee: Mara Novak',
  );
  const nobody = await session.call('create_jira_ticket', { ...bug, assignee: '5b10a2844c20165700ede21e' });
  expect(nobody.structured.error).toMatchObject({ code: 'invalid_arguments' });
});
