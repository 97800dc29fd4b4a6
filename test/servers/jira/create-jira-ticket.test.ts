import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import * as z from 'zod';
import { adfFaults, adfText } from '../../stack/jira/adf-schema.ts';
import { bug, containing, matching, startFixture, type Fixture, type Session } from './harness.ts';

let fixture: Fixture;
let session: Session;

beforeAll(async () => {
  fixture = await startFixture();
  session = await fixture.open();
});
beforeEach(() => fixture.jira.behave());
afterAll(() => fixture.stop());

const create = (input: Record<string, unknown>) => session.call('create_jira_ticket', { ...bug, ...input });
const newest = () => fixture.jira.issues().at(-1);
const errorOf = async (input: Record<string, unknown>) => (await create(input)).structured.error;

test('creates the ticket and returns its address', async () => {
  const answer = await create({
    description: '# Seen\n\n- **50** orders\n\n| code | count |\n| --- | --- |\n| CARD_DECLINED | 50 |',
    priority: 'high',
    labels: ['card payments', 'card payments', 'checkout'],
    assignee: 'mara.novak@example.com',
    fields: {
      'Customer tier': 'pro',
      Components: 'checkout, Payments',
      'Story points': '3',
      'Root cause': '*why*',
      duedate: '2026-12-01',
    },
  });
  const issue = newest();
  const url = `${fixture.jira.url}/browse/${issue?.key}`;
  expect(answer.structured).toEqual({
    outcome: 'done',
    success: true,
    issue_key: issue?.key,
    issue_url: url,
    summary: bug.summary,
    warnings: [],
  });
  expect(answer.text).toBe(`Created ${issue?.key}: ${url}`);
  expect(adfFaults(issue?.fields['description'])).toEqual([]);
  expect(adfText(issue?.fields['description'])).toContain('CARD_DECLINED');
  expect(issue?.fields).toMatchObject({
    priority: { name: 'High' },
    labels: ['card-payments', 'checkout', matching(/^swb-fp-[0-9a-f]{16}$/), matching(/^swb-[0-9a-f]{16}$/)],
    assignee: { displayName: 'Mara Novak' },
    components: [{ name: 'Checkout' }, { name: 'Payments' }],
    customfield_10020: 3,
    customfield_10022: { value: 'Pro' },
    duedate: '2026-12-01',
  });
  expect(adfText(issue?.fields['customfield_10021'])).toBe('why');
});

test("ends with a link to the record of its run, which is no link of the text's", async () => {
  const recorded = await fixture.open({ SWITCHBOARD_RECORDS_URL: 'https://switchboard.example.com/runs/' });
  const input = { ...bug, description: 'Seen on [the status page](https://status.example.com).' };
  const of = { session: '20261130-100000-0a1b2c3d' };
  const { structured } = await recorded.call('create_jira_ticket', input, { ...of, preview: true });
  expect(structured.preview.linkHosts).toEqual(['status.example.com']);
  expect(structured.preview.body).toMatch(
    /\n\n\[Record of the run\]\(<https:\/\/switchboard\.example\.com\/runs\/20261130-100000-0a1b2c3d>\)$/u,
  );
  expect(structured.preview.raw).toContain('https://switchboard.example.com/runs/20261130-100000-0a1b2c3d');
  await recorded.call('create_jira_ticket', input, of);
  const description = JSON.stringify(newest()?.fields['description']);
  expect(adfFaults(newest()?.fields['description'])).toEqual([]);
  expect(description).toContain('"href":"https://switchboard.example.com/runs/20261130-100000-0a1b2c3d"');
  // Without a session there is no record, whatever else the caller says.
  await recorded.call('create_jira_ticket', input);
  expect(JSON.stringify(newest()?.fields['description'])).not.toContain('switchboard.example.com');
});

test('a preview changes nothing and shows what will be sent, duplicates and link targets', async () => {
  await create({
    project_key: 'OPS',
    issue_type: 'Task',
    summary: 'Orders fail at checkout with CARD_DECLINED: 12 in 24 h',
  });
  const before = fixture.jira.issues().length;
  const writes = () =>
    fixture.jira.requests().filter(({ method, path }) => method !== 'GET' && !path.includes('/search')).length;
  const sent = writes();
  const preview = await session.call(
    'create_jira_ticket',
    {
      project_key: 'OPS',
      issue_type: 'Task',
      summary: 'Orders fail at checkout with CARD_DECLINED: 57 in 24 h',
      description: 'See [log](https://logs.example/1), ask jane@example.com',
      priority: 'Low',
    },
    { preview: true },
  );
  expect(preview.structured['outcome']).toBe('preview');
  expect(preview.structured.preview).toMatchObject({
    destination: { id: 'OPS' },
    body: 'See [log](https://logs.example/1), ask jane@example.com',
    fields: [
      { label: 'Summary', argument: 'summary' },
      { label: 'Type', value: 'Task', argument: 'issue_type' },
      { label: 'Priority', value: 'Low', argument: 'priority' },
      { label: 'Label added', value: matching(/^swb-fp-[0-9a-f]{16} /) },
      { label: 'Label added', value: containing('swb-… ') },
    ],
    duplicates: [{ title: 'Orders fail at checkout with CARD_DECLINED: 12 in 24 h', reason: 'Same summary, To Do' }],
    linkHosts: ['logs.example'],
    warnings: [containing('j…@example.com')],
  });
  expect(JSON.parse(preview.structured.preview.raw)).toMatchObject({ fields: { priority: { id: '4' } } });
  expect(fixture.jira.issues().length).toBe(before);
  expect(writes()).toBe(sent);
});

test('a failed search does not prevent the preview', async () => {
  fixture.jira.misbehave({ on: /search/, times: 3, does: { kind: 'answer', status: 503 } });
  const { preview } = (await session.call('create_jira_ticket', bug, { preview: true })).structured;
  expect(preview.warnings).toEqual(['Could not check whether this was filed before.']);
});

test('what was previewed is sent, except for the marker', async () => {
  const ticket = {
    ...bug,
    description: '**Same** ~~bytes~~',
    labels: ['one'],
    priority: 'Low',
    fields: { Regions: ['EU'] },
  };
  const { preview } = (await session.call('create_jira_ticket', ticket, { preview: true })).structured;
  await session.call('create_jira_ticket', ticket);
  const sent = z
    .object({ fields: z.looseObject({ labels: z.array(z.string()) }) })
    .parse(JSON.parse(fixture.jira.requests().at(-1)?.body ?? ''));
  const labels = sent.fields.labels.filter((label) => !/^swb-[0-9a-f]{16}$/.test(label));
  expect({ fields: { ...sent.fields, labels } }).toEqual(JSON.parse(preview.raw));
});

test('closed and dissimilar issues are not duplicates', async () => {
  const { structured } = await create({ summary: 'Nightly export is late' });
  await session.call('transition_jira_issue', { issue_key: structured.issue_key, transition: 'Done' });
  await create({ summary: 'Nightly import of prices is late again' });
  const preview = await session.call(
    'create_jira_ticket',
    { ...bug, summary: 'Nightly export is late' },
    { preview: true },
  );
  expect(preview.structured.preview.duplicates).toEqual([]);
});

test('no issue number is wasted on foreseeable errors', async () => {
  const first = (await create({})).structured.issue_key;
  const refused: [Record<string, unknown>, string][] = [
    [{ issue_type: 'Epic' }, "'issue_type': ENG has no issue type “Epic”."],
    [{ priority: 'P1' }, "'priority' must be one of: Highest, High, Medium, Low, Lowest."],
    [
      { assignee: 'nobody@example.com' },
      "'assignee': no person who can be assigned here is called “nobody@example.com”.",
    ],
    [{ assignee: 'gone@example.com' }, "'assignee': no person who can be assigned here is called “gone@example.com”."],
    [{ parent: 'ENG-99999' }, 'There is no issue ENG-99999, or the account cannot see it.'],
    [{ fields: { Colour: 'red' } }, "'fields.Colour': there is no such field on this screen."],
    [{ fields: { project: { key: 'OPS' } } }, "'fields.project' is set with project_key."],
    [
      { project_key: 'OPS', fields: { 'Linked Issues': [{ add: {} }] } },
      "'fields.Linked Issues' is set with link_jira_issues.",
    ],
    [{ fields: { Summary: 'x' } }, "'fields.Summary' is set with summary."],
    [
      { fields: { 'Customer tier': 'Free', customfield_10022: 'Pro' } },
      "'fields.customfield_10022': Customer tier is given twice.",
    ],
    [{ fields: { 'Story points': 'many' } }, "'fields.Story points' must be a number."],
    [{ fields: { Regions: ['EU', 'Mars'] } }, "'fields.Regions[1]' must be one of: EU, US, APAC."],
    [{ fields: { duedate: 'tomorrow' } }, "'fields.duedate' must be a date such as 2026-11-30."],
    [{ fields: { 'Ticket reference': { a: 1 } } }, "'fields.Ticket reference' must be text."],
    [{ labels: ['x'.repeat(300)] }, "'labels.0': must be at most 255 characters"],
    [{ summary: '   ' }, "'summary': must be a line of visible text"],
    [{ summary: '\u200b\u202e' }, "'summary': must be a line of visible text"],
    [{ issue_typo: 'Bug' }, "unknown argument 'issue_typo'"],
  ];
  for (const [input, message] of refused)
    expect(await errorOf(input), JSON.stringify(input).slice(0, 80)).toMatchObject({
      message: containing(message),
    });
  const next = (await create({})).structured.issue_key;
  expect(Number(next.split('-')[1])).toBe(Number(first.split('-')[1]) + 1);
});

test('a required field is named with its allowed values and accepted by name', async () => {
  expect(await errorOf({ project_key: 'OPS' })).toMatchObject({
    code: 'invalid_arguments',
    message: 'Required fields are missing: Severity (customfield_10010: SEV1, SEV2, SEV3).',
    hint: "Give them in 'fields', by name.",
  });
  expect((await create({ project_key: 'OPS', fields: { severity: 'sev2' } })).isError).toBe(false);
  expect(newest()?.fields['customfield_10010']).toMatchObject({ value: 'SEV2' });
});

test('a missing or hidden project is named', async () => {
  for (const project of ['NOPE', 'VAULT'])
    expect(await errorOf({ project_key: project })).toMatchObject({
      code: 'not_found',
      message: containing(`project ${project} does not exist`),
    });
  expect(await errorOf({ project_key: 'EN G' })).toMatchObject({
    message: containing('must be a project key'),
  });
});

test('a long summary is cut between graphemes, and nothing is lost', async () => {
  const family = '👩‍👩‍👧';
  const answer = await create({ summary: `Line one\nline two ${family.repeat(60)} *end*`, description: 'Rest' });
  expect(answer.structured['warnings']).toEqual([containing('over 255 characters')]);
  const { summary, description } = newest()?.fields ?? {};
  expect(String(summary).length).toBeLessThanOrEqual(255);
  expect(summary).toMatch(/^Line one line two (?:👩‍👩‍👧)+…$/u);
  expect(adfText(description)).toBe(`Line one line two ${family.repeat(60)} *end*\nRest`);
});

test('a large table stays a table, because Jira counts only its text', async () => {
  const rows = Array.from({ length: 400 }, (_, row) => `| ${row} | CARD_DECLINED | 2026-11-21 |`).join('\n');
  const answer = await create({ description: `| id | code | day |\n| --- | --- | --- |\n${rows}` });
  expect(answer.structured['warnings']).toEqual([]);
  expect(JSON.stringify(newest()?.fields['description'])).toContain('"type":"table"');
});

test('a screen without labels or priority works, and reports what cannot be set', async () => {
  expect((await create({ project_key: 'LEAN', issue_type: 'Task' })).isError).toBe(false);
  expect(newest()?.fields['labels']).toEqual([]);
  expect(await errorOf({ project_key: 'LEAN', issue_type: 'Task', priority: 'High' })).toMatchObject({
    message: containing("'priority' cannot be set"),
  });
});

test('a parent makes a sub-task', async () => {
  const { structured } = await create({});
  await create({ issue_type: 'Sub-task', parent: structured.issue_key.toLowerCase() });
  expect(newest()?.fields['parent']).toEqual({ key: structured.issue_key });
});

test('people are notified only by account id and only when asked for', async () => {
  const id = '5b10a2844c20165700ede21b';
  const text = `Ask [~accountid:${id}]`;
  await create({ description: text });
  expect(JSON.stringify(newest()?.fields['description'])).not.toContain('mention');
  const asked = { ...bug, description: text, mentions: [id] };
  const preview = await session.call('create_jira_ticket', asked, { preview: true });
  expect(preview.structured.preview.mentions).toEqual(['@Mara Novak']);
  expect(await errorOf({ description: text, mentions: ['nobody-known'] })).toMatchObject({
    message: containing('does not contain [~accountid:nobody-known]'),
  });
  expect(await errorOf({ description: '[~accountid:nobody-known]', mentions: ['nobody-known'] })).toMatchObject({
    message: containing('there is no person with the id'),
  });
  await session.call('create_jira_ticket', asked);
  expect(JSON.stringify(newest()?.fields['description'])).toContain(`"mention","attrs":{"id":"${id}"`);
});

test('secrets are not sent in any field', async () => {
  const token = 'xoxb-1234567890-abcdefghij';
  const answer = await create({
    summary: `Leak ${token}`,
    description: `${fixture.jira.token} ${token}`,
    labels: [token],
    fields: { 'Ticket reference': token },
  });
  expect(answer.isError).toBe(false);
  const sent = fixture.jira.requests().at(-1)?.body ?? '';
  expect(sent).not.toContain(token);
  expect(sent).not.toContain(fixture.jira.token);
  expect(sent).toContain('[redacted Slack token]');
});

test('a changed screen is noticed after a rejection', async () => {
  fixture.jira.misbehave({
    on: /^POST .*\/issue$/,
    does: { kind: 'answer', status: 400, body: { errorMessages: [], errors: { customfield_1: 'Team is required.' } } },
  });
  const refused = await create({});
  expect(refused.structured.error).toMatchObject({
    code: 'invalid_arguments',
    message: 'Jira rejected the request: “customfield_1: Team is required.”',
  });
  const asked = () => fixture.jira.requests().filter(({ path }) => path.includes('createmeta')).length;
  const before = asked();
  await create({});
  expect(asked()).toBeGreaterThan(before);
});

test('a ticket is closed by "close", whatever its workflow calls that, and only once', async () => {
  const { structured } = await create({ summary: 'Filed by mistake' });
  const close = { issue_key: structured.issue_key, transition: 'close' };
  const { preview } = (await session.call('transition_jira_issue', close, { preview: true })).structured;
  expect(preview).toMatchObject({ title: `Move ${structured.issue_key} to Done` });
  expect((await session.call('transition_jira_issue', close)).structured).toMatchObject({ status: 'Done' });
  expect((await session.call('transition_jira_issue', close)).structured.error).toMatchObject({
    message: expect.stringContaining('has no transition “close”') as unknown,
  });
});
