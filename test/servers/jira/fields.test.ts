import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { containing, startFixture, type Fixture, type Session } from './harness.ts';

let fixture: Fixture;
let session: Session;

beforeAll(async () => {
  fixture = await startFixture();
  session = await fixture.open();
});
beforeEach(() => fixture.jira.behave());
afterAll(() => fixture.stop());

const story = { project_key: 'OPS', issue_type: 'Story', summary: 'A story of many fields' } as const;
const create = (fields: Record<string, unknown>) => session.call('create_jira_ticket', { ...story, fields });
const newest = () => fixture.jira.issues().at(-1);
const mara = '5b10a2844c20165700ede21b';
const jordan = '5b10a2844c20165700ede21c';

const taken: [name: string, value: unknown, id: string, stored: unknown][] = [
  ['Region', 'Europe > Berlin', 'customfield_10030', { value: 'Europe', child: { value: 'Berlin' } }],
  ['region', ' europe>BERLIN ', 'customfield_10030', { value: 'Europe', child: { value: 'Berlin' } }],
  ['Region', 'Europe > Paris > Nord', 'customfield_10030', { child: { value: 'Paris > Nord' } }],
  ['Region', 'R&D/Labs / Berlin', 'customfield_10030', { value: 'R&D/Labs', child: { id: '10421' } }],
  ['Region', ['Europe', 'Berlin'], 'customfield_10030', { child: { id: '10401' } }],
  ['Region', { value: 'Europe', child: { value: 'Berlin' } }, 'customfield_10030', { child: { id: '10401' } }],
  ['customfield_10030', { id: '10400', child: { id: '10401' } }, 'customfield_10030', { child: { id: '10401' } }],
  ['Region', { value: 'Asia', child: null }, 'customfield_10030', { value: 'Asia' }],
  ['Region', 'Asia', 'customfield_10030', { value: 'Asia' }],
  ['Regions', 'EU, US', 'customfield_10023', [{ value: 'EU' }, { value: 'US' }]],
  ['Regions', ['EU', { value: 'US' }, { id: '10312' }], 'customfield_10023', [{}, {}, { value: 'APAC' }]],
  ['Regions', { value: 'EU' }, 'customfield_10023', [{ value: 'EU' }]],
  ['Regions', 'APAC', 'customfield_10023', [{ value: 'APAC' }]],
  ['Customer tier', { value: 'Pro' }, 'customfield_10022', { value: 'Pro' }],
  ['Approver', 'mara.novak@example.com', 'customfield_10031', { displayName: 'Mara Novak' }],
  ['Approver', { accountId: mara }, 'customfield_10031', { displayName: 'Mara Novak' }],
  ['Approver', mara, 'customfield_10031', { displayName: 'Mara Novak' }],
  ['Approver', { emailAddress: 'mara.novak@example.com' }, 'customfield_10031', { displayName: 'Mara Novak' }],
  ['Approver', 'me', 'customfield_10031', { displayName: 'Switchboard Bot' }],
  [
    'Reviewers',
    [{ accountId: mara }, 'jordan.lee@example.com'],
    'customfield_10032',
    [{ accountId: mara }, { accountId: jordan }],
  ],
  ['Reviewers', 'Mara Novak', 'customfield_10032', [{ accountId: mara }]],
  ['Due date', '2028-02-29', 'duedate', '2028-02-29'],
  ['Go live', '2026-12-01T09:30:00+02:00', 'customfield_10033', '2026-12-01T07:30:00.000+0000'],
  ['Go live', '2026-12-01 09:30', 'customfield_10033', '2026-12-01T09:30:00.000+0000'],
  ['Go live', '2026-12-01T09:30:00.250+0000', 'customfield_10033', '2026-12-01T09:30:00.250+0000'],
  ['Story points', '3.5', 'customfield_10020', 3.5],
  ['Fix versions', '2026.11', 'fixVersions', [{ name: '2026.11' }]],
  ['Affects versions', [{ name: '2026.12' }], 'versions', [{ id: '10201' }]],
  ['Components', [{ name: 'Checkout' }, 'Payments'], 'components', [{ name: 'Checkout' }, { name: 'Payments' }]],
  ['Group', 'devs', 'customfield_10034', { name: 'devs' }],
  ['Group', { name: 'devs' }, 'customfield_10034', { name: 'devs' }],
  ['Time tracking', '2h', 'timetracking', { originalEstimate: '2h' }],
  ['Time tracking', '1d 4h', 'timetracking', { originalEstimate: '1d 4h' }],
  ['Time tracking', 90, 'timetracking', { originalEstimate: '90m' }],
  [
    'timetracking',
    { originalEstimate: '1w', remainingEstimate: '3h 30m' },
    'timetracking',
    { remainingEstimate: '3h 30m' },
  ],
  ['Sprint', 'OPS Sprint 5, the long one', 'customfield_10035', [{ id: 5 }]],
  ['Sprint', 6, 'customfield_10035', [{ id: 6 }]],
  ['Sprint', { id: '6' }, 'customfield_10035', [{ id: 6 }]],
  ['Security Level', 'Staff only', 'security', { id: '10500' }],
  ['customfield_10036', 'Critical', 'customfield_10036', { value: 'Critical' }],
  ['Tags', 'card payments', 'customfield_10038', ['card-payments']],
  ['Runbook', 'https://runbooks.example/1', 'customfield_10039', 'https://runbooks.example/1'],
  ['Environment', '**prod**', 'environment', { type: 'doc' }],
];

test.each(taken)('the field %s accepts %j', async (name, value, id, stored) => {
  const answer = await create({ [name]: value });
  expect(answer.text).toMatch(/^Created /);
  expect(newest()?.fields).toMatchObject({ [id]: stored });
});

const refused: [name: string, value: unknown, message: string][] = [
  ['Due date', '2026-02-30', 'must be a date such as 2026-11-30; there is no 2026-02-30'],
  ['Due date', '2026-02-29', 'there is no 2026-02-29'],
  ['Due date', '2026-13-01', 'there is no 2026-13-01'],
  ['Due date', '30.11.2026', 'must be a date such as 2026-11-30'],
  ['Due date', '2026-11-30T10:00:00Z', 'must be a date such as 2026-11-30'],
  ['Go live', '2026-02-30T10:00:00Z', 'there is no 2026-02-30'],
  ['Go live', '2026-11-30T25:00:00Z', 'must be a time such as'],
  ['Go live', 'tomorrow', 'must be a time such as'],
  ['Time tracking', 'two hours', 'must be a duration such as 2h'],
  ['Time tracking', '2h 1d', 'must be a duration such as 2h'],
  ['Time tracking', { timeSpent: '2h' }, 'takes originalEstimate and remainingEstimate, not timeSpent'],
  ['Region', 'Mars', 'must be one of: Europe > Berlin, Europe > Paris > Nord, Asia, R&D/Labs > Berlin'],
  ['Region', 'Europe > Rome', 'for Europe must be one of: Berlin, Paris > Nord'],
  ['Region', { value: 'Asia', child: { value: 'Tokyo' } }, 'has no child options for Asia'],
  ['Region', ['Europe', 'Berlin', 'Mitte'], 'must be an option and one of its child options'],
  ['Approver', 'nobody@example.com', 'nobody is called “nobody@example.com”'],
  ['Approver', { accountId: '5b10a2844c20165700ede21e' }, 'nobody is called'],
  ['Approver', 'Jordan', 'could be Jordan Lee (jordan.lee@example.com'],
  [
    'Sprint',
    'OPS Sprint 6',
    'matches several sprints; give the id: OPS Sprint 6 (6, future), OPS Sprint 6 (7, future)',
  ],
  ['Sprint', 'OPS Sprint 4', 'must be one of: OPS Sprint 5, the long one (5, active)'],
  ['Impact', 'Low', 'several fields have this name'],
  ['Runbook', 'not an address', 'must be an address'],
  ['Parent', 'nothing', 'must be an issue key'],
  ['Epic Link', 'VAULT-1', 'There is no issue VAULT-1'],
];

test.each(refused)('the field %s rejects %j before anything is sent', async (name, value, message) => {
  const before = fixture.jira
    .requests()
    .filter(({ method, path }) => method === 'POST' && path.endsWith('/issue')).length;
  const { error } = (await create({ [name]: value })).structured;
  expect(error).toMatchObject({ message: containing(message) });
  expect(
    fixture.jira.requests().filter(({ method, path }) => method === 'POST' && path.endsWith('/issue')),
  ).toHaveLength(before);
});

test('two fields of the same name are distinguished by id and type', async () => {
  const { error } = (await create({ Impact: 'Low' })).structured;
  expect(error.hint).toBe('Use the id: customfield_10036 (Critical, Low) or customfield_10037 (Wide, Low).');
  await create({ customfield_10036: 'Critical', customfield_10037: 'Low' });
  const read = await session.call('get_jira_issue', { issue_key: newest()?.key });
  expect(read.structured['issue']).toMatchObject({
    custom: { 'Impact (customfield_10036)': 'Critical', 'Impact (customfield_10037)': 'Low' },
  });
  expect(read.text).toContain('Impact (customfield_10036): Critical; Impact (customfield_10037): Low');
});

test('the children of a cascading field are listed with it', async () => {
  const answer = await session.call('get_jira_create_fields', { project_key: 'OPS', issue_type: 'Story' });
  expect(answer.text).toContain(
    'Region | customfield_10030 | option-with-child | false | Europe > Berlin, Europe > Paris > Nord, Asia, R&D/Labs > Berlin',
  );
});

test('an issue shows its due date, environment, versions, times, level, sprint, sub-tasks and watchers', async () => {
  const parent = (
    await create({
      'Due date': '2026-12-24',
      Environment: 'prod, **eu-west-1**',
      'Affects versions': ['2026.11'],
      'Time tracking': { originalEstimate: '2d', remainingEstimate: '1d' },
      'Security Level': 'Staff only',
      Sprint: 5,
      Region: 'Europe > Berlin',
      Reviewers: [mara],
    })
  ).structured.issue_key;
  const subtask = { ...story, issue_type: 'Sub-task', summary: 'A part', parent };
  const part = (await session.call('create_jira_ticket', subtask)).structured.issue_key;
  await session.call('update_jira_issue', { issue_key: parent, watchers: ['Mara Novak', jordan], assignee: mara });
  const { structured, text } = await session.call('get_jira_issue', { issue_key: parent });
  expect(structured['issue']).toMatchObject({
    due_date: '2026-12-24',
    environment: 'prod, **eu-west-1**',
    affects_versions: ['2026.11'],
    original_estimate: '2d',
    remaining_estimate: '1d',
    security_level: 'Staff only',
    subtasks: [{ key: part, summary: 'A part', status: 'To Do' }],
    watchers: ['Mara Novak', 'Jordan Lee'],
    custom: { Sprint: 'OPS Sprint 5, the long one', Region: 'Europe > Berlin', Reviewers: 'Mara Novak' },
    account_ids: { 'Mara Novak': mara, 'Jordan Lee': jordan, 'Switchboard Bot': '5b10a2844c20165700ede21a' },
  });
  for (const words of [
    'due_date: 2026-12-24',
    'environment: prod, **eu-west-1**',
    `sub-task ${part} (To Do) A part`,
    'watchers: Mara Novak, Jordan Lee',
    `Mara Novak ${mara}`,
  ])
    expect(text).toContain(words);
  // Without permission to see watchers, the rest is still readable.
  fixture.jira.misbehave({ on: /watchers/, does: { kind: 'answer', status: 403 } });
  expect((await session.call('get_jira_issue', { issue_key: parent })).isError).toBe(false);
});

test('watchers are added once, previewed, and named if unknown', async () => {
  const { issue_key } = (await create({})).structured;
  const watch = { issue_key, watchers: ['Mara Novak', 'me'] };
  const { preview } = (await session.call('update_jira_issue', watch, { preview: true })).structured;
  expect(preview.fields).toContainEqual({ label: 'Watcher added', value: 'Mara Novak', argument: 'watchers' });
  expect(newest()?.watchers).toEqual([]);
  fixture.jira.misbehave({ on: /POST \S+watchers/, does: { kind: 'reset', at: 'after' } });
  await session.call('update_jira_issue', watch);
  expect(newest()?.watchers.map(({ displayName }) => displayName)).toEqual(['Mara Novak', 'Switchboard Bot']);
  const { error } = (await session.call('update_jira_issue', { issue_key, watchers: ['Nobody'] })).structured;
  expect(error).toMatchObject({ message: "'watchers[0]': nobody is called “Nobody”." });
});

describe('an issue moves to another parent', () => {
  test.each([{ fields: { Parent: 'OPS-1' } }, { fields: { parent: { key: 'ops-1' } } }, { parent: 'OPS-1' }])(
    'by %j',
    async (change) => {
      const { issue_key } = (await create({})).structured;
      const { preview } = (await session.call('update_jira_issue', { issue_key, ...change }, { preview: true }))
        .structured;
      expect(preview.fields).toContainEqual({ label: 'parent now', value: 'none' });
      expect((await session.call('update_jira_issue', { issue_key, ...change })).isError).toBe(false);
      expect(newest()?.fields['parent']).toEqual({ key: 'OPS-1' });
      await session.call('update_jira_issue', { issue_key, parent: 'none' });
      expect(newest()?.fields['parent']).toBeNull();
    },
  );

  test('but not to a missing one or one in a forbidden project', async () => {
    const { issue_key } = (await create({})).structured;
    const away = await session.call('update_jira_issue', { issue_key, parent: 'OPS-99999' });
    expect(away.structured.error).toMatchObject({ code: 'not_found' });
    await session.call('create_jira_ticket', { ...story, project_key: 'ENG' });
    const limited = await fixture.open({ JIRA_ALLOWED_PROJECTS: 'OPS' });
    const outside = await limited.call('update_jira_issue', { issue_key, fields: { Parent: 'ENG-1' } });
    expect(outside.structured.error).toMatchObject({ code: 'not_allowed' });
  });
});

describe('a transition with a screen', () => {
  test('names its required fields and accepts them by name', async () => {
    const { issue_key } = (await create({})).structured;
    const close = { issue_key, transition: 'Close' };
    const { error } = (await session.call('transition_jira_issue', close)).structured;
    expect(error).toMatchObject({
      code: 'invalid_arguments',
      message: "Required fields are missing: Resolution (resolution: Done, Won't Do).",
    });
    const fields = { Resolution: "won't do", 'Root cause': '**none**', assignee: mara };
    const { preview } = (await session.call('transition_jira_issue', { ...close, fields }, { preview: true }))
      .structured;
    expect(preview.fields).toContainEqual({ label: 'Resolution', value: "Won't Do", argument: 'fields.Resolution' });
    expect(JSON.parse(preview.raw)).toMatchObject({
      transition: { id: '41' },
      fields: { resolution: { id: '10001' } },
    });
    const done = await session.call('transition_jira_issue', { ...close, fields }, { key: 'close-with-fields' });
    expect(done.structured).toMatchObject({ outcome: 'done', status: 'Closed' });
    expect(newest()?.fields).toMatchObject({
      resolution: { name: "Won't Do" },
      assignee: { displayName: 'Mara Novak' },
      status: { name: 'Closed' },
    });
  });

  test('rejects fields that its screen does not have', async () => {
    const { issue_key } = (await create({})).structured;
    for (const [transition, fields, message] of [
      ['Close', { Resolution: 'Fixed' }, "'fields.Resolution' must be one of: Done, Won't Do."],
      ['Close', { Resolution: 'Done', Priority: 'High' }, "'fields.Priority': there is no such field on this screen."],
      ['Start Progress', { Resolution: 'Done' }, 'the transition “Start Progress” has no screen'],
    ] as const) {
      const { error } = (await session.call('transition_jira_issue', { issue_key, transition, fields })).structured;
      expect(error).toMatchObject({ code: 'invalid_arguments', message: containing(message) });
    }
  });
});

describe('comments of a service project', () => {
  const help = { project_key: 'HELP', issue_type: 'Task', summary: 'Please help' };

  test('are internal on request, and marked as such on the card and when read', async () => {
    const { issue_key } = (await session.call('create_jira_ticket', help)).structured;
    const comment = { issue_key, body: 'Only for us', internal: true };
    const { preview } = (await session.call('add_jira_comment', comment, { preview: true })).structured;
    expect(preview.destination.audience).toBe('the team of this service project, but not its customers');
    expect(preview.fields).toContainEqual({ label: 'Internal', value: 'yes', argument: 'internal' });
    expect(JSON.parse(preview.raw)).toMatchObject({
      properties: [{ key: 'sd.public.comment', value: { internal: true } }],
    });
    await session.call('add_jira_comment', comment);
    await session.call('add_jira_comment', { issue_key, body: 'For the customer' });
    await session.call('transition_jira_issue', {
      issue_key,
      transition: 'Start Progress',
      comment: 'Ours too',
      internal: true,
    });
    const { structured, text } = await session.call('get_jira_issue', { issue_key });
    expect(structured.comments).toMatchObject([
      { visible_to: 'internal' },
      { body: 'For the customer' },
      { visible_to: 'internal' },
    ]);
    expect(structured.comments[1]).not.toHaveProperty('visible_to');
    expect(text).toContain('(internal)\nOnly for us');
  });

  test('are not internal elsewhere, where everyone would see them', async () => {
    const { issue_key } = (await create({})).structured;
    const { error } = (await session.call('add_jira_comment', { issue_key, body: 'x', internal: true })).structured;
    expect(error).toMatchObject({ code: 'invalid_arguments', message: containing('only in service projects') });
    expect(newest()?.comments).toEqual([]);
  });
});

test('Data Center: people by name, a sprint as Java prints it, a comment for a role', async () => {
  const old = await startFixture({ flavour: 'data-center' });
  try {
    const server = await old.open();
    const fields = {
      Approver: { name: 'mara' },
      Reviewers: ['jordan.lee@example.com'],
      Sprint: 'OPS Sprint 5, the long one',
      Region: 'Asia',
    };
    const { issue_key } = (await server.call('create_jira_ticket', { ...story, fields })).structured;
    await server.call('update_jira_issue', { issue_key, watchers: ['mara'] });
    const { structured } = await server.call('get_jira_issue', { issue_key });
    expect(structured['issue']).toMatchObject({
      custom: { Approver: 'Mara Novak', Sprint: 'OPS Sprint 5, the long one' },
      watchers: ['Mara Novak'],
      account_ids: { 'Mara Novak': 'mara' },
    });
    const body = {
      comments: [{ id: '1', body: 'x', visibility: { type: 'role', value: 'Administrators' } }],
      total: 1,
    };
    old.jira.misbehave({ on: /\/comment/, does: { kind: 'answer', status: 200, body } });
    expect((await server.call('get_jira_issue', { issue_key })).text).toContain('(only role Administrators)');
  } finally {
    await old.stop();
  }
});
