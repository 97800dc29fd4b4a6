import { afterEach, beforeEach, expect, test } from 'vitest';
import { bug, containing, startFixture, type Fixture, type Session } from './harness.ts';

let fixture: Fixture;
let session: Session;

beforeEach(async () => {
  fixture = await startFixture();
  session = await fixture.open();
});
afterEach(() => fixture.stop());

test.each([
  ['search_jira_issues', { jql: 'project = ENG' }],
  ['list_jira_projects', {}],
  ['find_jira_users', { query: 'mara' }],
  ['get_jira_issue', { issue_key: 'ENG-1' }],
  ['get_jira_create_fields', { project_key: 'ENG', issue_type: 'Bug' }],
  ['create_jira_ticket', bug],
  ['add_jira_comment', { issue_key: 'ENG-1', body: 'x' }],
])('an expired token that Jira treats as anonymous fails %s instead of returning nothing', async (tool, input) => {
  fixture.jira.expireToken();
  const { structured } = await session.call(tool, input);
  expect(structured.error).toMatchObject({
    code: 'unauthorized',
    message: containing('Jira rejected the credentials'),
    hint: containing('JIRA_TOKEN'),
    retryable: false,
  });
  expect(fixture.jira.issues()).toEqual([]);
});

const refusals = {
  'a CAPTCHA': [
    {
      status: 403,
      headers: { 'x-authentication-denied-reason': 'CAPTCHA_CHALLENGE; login-url=https://jira.example/login.jsp' },
    },
    { code: 'unauthorized', message: containing('CAPTCHA'), hint: containing('in a browser') },
  ],
  'a CAPTCHA that only the login reason names': [
    { status: 401, headers: { 'x-seraph-loginreason': 'AUTHENTICATION_DENIED' } },
    { code: 'unauthorized', message: containing('CAPTCHA') },
  ],
  'the login reason beside others': [
    { status: 200, headers: { 'x-seraph-loginreason': 'OK, AUTHENTICATED_FAILED' }, body: { issues: [] } },
    { code: 'unauthorized' },
  ],
  'an anonymous user of Data Center': [
    { status: 200, headers: { 'x-ausername': 'anonymous' }, body: { issues: [] } },
    { code: 'unauthorized' },
  ],
  'a project that no visitor may see': [
    {
      status: 400,
      headers: { 'x-seraph-loginreason': 'AUTHENTICATED_FAILED' },
      body: { errorMessages: ["The value 'ENG' does not exist for the field 'project'."], errors: {} },
    },
    { code: 'unauthorized' },
  ],
  'no access to the product': [
    { status: 403, headers: { 'x-seraph-loginreason': 'AUTHORISATION_FAILED' } },
    { code: 'forbidden', message: containing('has no access to this Jira') },
  ],
  'an IP allow list': [
    {
      status: 403,
      body: {
        errorMessages: [
          'The IP address has been rejected because it is not on the allowed list. See your admin for more information.',
        ],
        errors: {},
      },
    },
    { code: 'forbidden', message: 'Jira rejects requests from this IP address.', hint: containing('VPN') },
  ],
  'the page of a firewall': [
    { status: 403, headers: { 'content-type': 'text/html' }, body: '<h1>403 Forbidden</h1><hr>CloudFront' },
    { code: 'forbidden', message: containing('gateway or firewall') },
  ],
  'no permission, as ever': [
    { status: 403, body: { errorMessages: ['You do not have the permission.'], errors: {} } },
    { code: 'forbidden', message: containing('“You do not have the permission.”') },
  ],
} as const;

test.each(Object.entries(refusals))('%s is named', async (_, [answer, error]) => {
  fixture.jira.misbehave({ on: /search/, does: { kind: 'answer', ...answer } });
  const { structured } = await session.call('search_jira_issues', { jql: 'project = ENG' });
  expect(structured.error).toMatchObject(error);
});

test('a created issue counts as created, even if Jira saw us as anonymous', async () => {
  fixture.jira.misbehave({
    on: /POST \S+\/issue$/,
    does: {
      kind: 'answer',
      status: 201,
      headers: { 'x-seraph-loginreason': 'AUTHENTICATED_FAILED' },
      body: { id: '1', key: 'ENG-77' },
    },
  });
  expect((await session.call('create_jira_ticket', bug)).structured.issue_key).toBe('ENG-77');
});

test.each([408, 499, 502, 504])(
  'a write that timed out at a proxy (%d) is searched for, not repeated',
  async (status) => {
    fixture.jira.misbehave({ on: /POST \S+\/issue$/, does: { kind: 'answer-after', status } });
    const created = await session.call('create_jira_ticket', bug);
    expect(created.structured).toMatchObject({ outcome: 'done', issue_key: 'ENG-1' });
    fixture.jira.misbehave({ on: /comment/, does: { kind: 'answer-after', status } });
    await session.call('add_jira_comment', { issue_key: 'ENG-1', body: 'once' });
    fixture.jira.misbehave({ on: /POST \S+attachments/, does: { kind: 'answer-after', status } });
    await session.call('attach_to_jira_issue', { issue_key: 'ENG-1', filename: 'a.txt', content: 'x' });
    fixture.jira.misbehave({ on: /POST \S+transitions/, does: { kind: 'answer-after', status } });
    const moved = await session.call('transition_jira_issue', { issue_key: 'ENG-1', transition: 'Done' });
    expect(moved.structured).toMatchObject({ outcome: 'done', status: 'Done' });
    const [issue, ...others] = fixture.jira.issues();
    expect([issue?.comments.length, issue?.attachments.length, others]).toEqual([1, 1, []]);
  },
);

test('a write that is not found after a 408 is reported as unknown', async () => {
  await session.call('create_jira_ticket', bug);
  fixture.jira.misbehave({ on: /comment/, does: { kind: 'answer', status: 408 } });
  const { structured } = await session.call('add_jira_comment', { issue_key: 'ENG-1', body: 'lost' });
  expect(structured.error).toMatchObject({ code: 'outcome_unknown', retryable: false });
});

test('a read that got a 408 is retried', async () => {
  fixture.jira.misbehave({ on: /search/, does: { kind: 'answer', status: 408 } });
  expect((await session.call('search_jira_issues', { jql: 'project = ENG' })).text).toContain('No issues found.');
});
