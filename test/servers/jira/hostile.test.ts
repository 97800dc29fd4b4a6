import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { factsOfWrite } from '../../../servers/contract/tool-facts.ts';
import { withExamples } from '../example-input.ts';
import { bug, containing, startFixture, type Fixture, type Session } from './harness.ts';

let fixture: Fixture;
let session: Session;

beforeAll(async () => {
  fixture = await startFixture();
  session = await fixture.open();
  await session.call('create_jira_ticket', bug);
  await session.call('create_jira_ticket', { project_key: 'OPS', issue_type: 'Task', summary: 'Secret plan' });
});
beforeEach(() => fixture.jira.behave());
afterAll(() => fixture.stop());

describe('keys that are paths', () => {
  const tricks = [
    'ENG-1/../../../admin',
    'ENG-1?x=1#',
    'ENG-1%2f..%2f',
    '../ENG-1',
    'ENG-1/comment',
    'ENG-1\n',
    'http://evil.example/browse/../../admin',
    '１ＥＮＧ-1',
    'ENG-1;a',
    '',
  ];
  test.each(tricks)('%j reaches nothing', async (key) => {
    const before = fixture.jira.requests().length;
    const calls: [string, Record<string, unknown>][] = [
      ['get_jira_issue', { issue_key: key }],
      ['add_jira_comment', { issue_key: key, body: 'x' }],
      ['update_jira_issue', { issue_key: key, summary: 'x' }],
      ['transition_jira_issue', { issue_key: key, transition: 'x' }],
      ['link_jira_issues', { from_key: key, to_key: 'ENG-1', link_type: 'blocks' }],
      ['attach_to_jira_issue', { issue_key: key, filename: 'x', content: 'x' }],
      ['create_jira_ticket', { ...bug, parent: key }],
      ['create_jira_ticket', { ...bug, project_key: `${key}/x` }],
    ];
    // A trailing line break is white space and is trimmed.
    if (key.trim() === 'ENG-1') return;
    for (const [name, input] of calls) {
      const answer = await session.call(name, input);
      expect(answer.structured.error, name).toMatchObject({ code: 'invalid_arguments' });
    }
    expect(fixture.jira.requests().length).toBe(before);
  });
});

describe('projects outside the allow-list', () => {
  let narrow: Session;
  beforeAll(async () => {
    narrow = await fixture.open({ JIRA_ALLOWED_PROJECTS: 'eng' });
  });

  test.each([
    'project = OPS',
    'project = ENG) OR (key is not EMPTY',
    'project = ENG OR project = OPS',
    'summary ~ "secret"',
    'key in (ENG-1, OPS-1)',
  ])('no JQL escapes: %s', async (jql) => {
    const answer = await narrow.call('search_jira_issues', { jql });
    expect(JSON.stringify(answer)).not.toContain('Secret plan');
    expect(JSON.stringify(answer.structured)).not.toContain('OPS-1');
  });

  test('hidden issues are not counted', async () => {
    const found = await narrow.call('search_jira_issues', { jql: 'key in (ENG-1, OPS-1)' });
    expect(found.structured).toMatchObject({ row_count: 1 });
    expect(found.text).toContain('Only issues of ENG are shown.');
    const nothing = await narrow.call('search_jira_issues', { jql: 'summary ~ "secret"' });
    const nowhere = await narrow.call('search_jira_issues', { jql: 'summary ~ "nosuchword"' });
    expect(nothing.text).toBe(nowhere.text);
  });

  test('no tool reads or writes there or reveals whether an issue exists', async () => {
    const calls: [string, Record<string, unknown>][] = [
      ['get_jira_issue', { issue_key: 'OPS-1' }],
      ['add_jira_comment', { issue_key: 'OPS-1', body: 'x' }],
      ['update_jira_issue', { issue_key: 'OPS-1', summary: 'x' }],
      ['transition_jira_issue', { issue_key: 'OPS-1', transition: 'Done' }],
      ['link_jira_issues', { from_key: 'ENG-1', to_key: 'OPS-1', link_type: 'blocks' }],
      ['link_jira_issues', { from_key: 'OPS-1', to_key: 'ENG-1', link_type: 'blocks' }],
      ['attach_to_jira_issue', { issue_key: 'OPS-1', filename: 'x', content: 'x' }],
      ['create_jira_ticket', { ...bug, project_key: 'OPS' }],
      ['create_jira_ticket', { ...bug, parent: 'OPS-1' }],
      ['get_jira_create_fields', { project_key: 'OPS', issue_type: 'Bug' }],
    ];
    const { tools } = await narrow.client.listTools();
    const keyed = tools.filter(({ inputSchema }) =>
      Object.keys(inputSchema.properties ?? {}).some((name) => /(?:issue|project)_key$/.test(name)),
    );
    for (const [name, input] of withExamples(keyed, calls, { issue_key: 'OPS-1', project_key: 'OPS' })) {
      for (const preview of factsOfWrite(name) === undefined ? [false] : [false, true]) {
        const answer = await narrow.call(name, input, { preview });
        expect(answer.structured.error, `${name} ${JSON.stringify(input)}`).toMatchObject({ code: 'not_allowed' });
      }
    }
    const missing = await narrow.call('get_jira_issue', { issue_key: 'OPS-99' });
    const present = await narrow.call('get_jira_issue', { issue_key: 'OPS-1' });
    expect(missing.text.replaceAll('99', '1')).toBe(present.text);
    expect((await narrow.call('list_jira_projects', {})).structured.rows).toEqual([['ENG', 'Engineering']]);
  });

  test('links and parents from there are not shown', async () => {
    await session.call('link_jira_issues', { from_key: 'ENG-1', to_key: 'OPS-1', link_type: 'blocks' });
    expect((await session.call('get_jira_issue', { issue_key: 'ENG-1' })).text).toContain('OPS-1');
    expect((await narrow.call('get_jira_issue', { issue_key: 'ENG-1' })).text).not.toContain('OPS-1');
  });

  test("an issue's current project counts, not its key", async () => {
    const { structured } = await session.call('create_jira_ticket', { ...bug, summary: 'To be moved' });
    fixture.jira.moveIssue(structured.issue_key, 'OPS');
    const answer = await narrow.call('add_jira_comment', { issue_key: structured.issue_key, body: 'x' });
    expect(answer.structured.error).toMatchObject({ code: 'not_allowed' });
  });
});

describe('responses that are not from Jira', () => {
  test('a redirect to another host is not followed and leaks nothing', async () => {
    const seen: string[] = [];
    const elsewhere = createServer((request, response) => {
      seen.push(String(request.headers.authorization));
      response.end('{}');
    });
    await new Promise<void>((resolve) => elsewhere.listen(0, '127.0.0.1', resolve));
    const to = `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}/steal`;
    fixture.jira.misbehave({ on: /search/, does: { kind: 'redirect', to } });
    const read = await session.call('search_jira_issues', { jql: 'project = ENG' });
    expect(read.structured.error).toMatchObject({
      code: 'upstream_error',
      message: containing('redirect to http://127.0.0.1:'),
    });
    fixture.jira.misbehave({ on: /POST .*issue$/, does: { kind: 'redirect', to } });
    const write = await session.call('create_jira_ticket', bug);
    expect(write.structured.error).toMatchObject({ code: 'upstream_error' });
    expect(seen).toEqual([]);
    elsewhere.close();
  });

  test('a login page with status 200 is recognized', async () => {
    for (const [name, input] of [
      ['get_jira_issue', { issue_key: 'ENG-1' }],
      ['create_jira_ticket', bug],
    ] as const) {
      fixture.jira.misbehave({ times: 2, does: { kind: 'login-page' } });
      expect((await session.call(name, input)).structured.error).toMatchObject({
        code: 'unauthorized',
        message: containing("most likely a gateway's login page"),
      });
      fixture.jira.behave();
    }
  });

  test('each status has its own message', async () => {
    const codes: [number, string][] = [
      [401, 'unauthorized'],
      [403, 'forbidden'],
      [404, 'not_found'],
      [409, 'conflict'],
      [410, 'upstream_error'],
      [413, 'too_large'],
      [418, 'upstream_error'],
    ];
    for (const [status, code] of codes) {
      fixture.jira.misbehave({
        on: /search/,
        does: { kind: 'answer', status, body: { errorMessages: ['Because <b>I</b> say so'], errors: {} } },
      });
      expect((await session.call('search_jira_issues', { jql: 'project = ENG' })).structured.error).toMatchObject({
        code,
      });
    }
  });

  test('reads are retried after a reset or a 503, then fail', async () => {
    fixture.jira.misbehave({ on: /search/, does: { kind: 'reset', at: 'headers' } });
    fixture.jira.misbehave({ on: /search/, does: { kind: 'answer', status: 503 } });
    expect((await session.call('search_jira_issues', { jql: 'project = ENG' })).isError).toBe(false);
    fixture.jira.misbehave({ on: /search/, times: 9, does: { kind: 'answer', status: 503 } });
    expect((await session.call('search_jira_issues', { jql: 'project = ENG' })).structured.error).toMatchObject({
      code: 'upstream_error',
      retryable: true,
    });
  });

  test('responses of an unexpected shape are errors, not crashes', async () => {
    for (const body of [[], null, { issues: 'x' }, { issues: [{ fields: 3 }] }, 'text', 7]) {
      fixture.jira.misbehave({
        on: /search/,
        does: { kind: 'answer', status: 200, body, headers: { 'content-type': 'application/json' } },
      });
      expect(
        (await session.call('search_jira_issues', { jql: 'project = ENG' })).structured.error,
        JSON.stringify(body),
      ).toMatchObject({ code: 'upstream_error' });
    }
    fixture.jira.misbehave({
      on: /issue\/ENG-1/,
      does: {
        kind: 'answer',
        status: 200,
        body: {
          key: 'ENG-1',
          fields: { summary: 7, labels: 'x', status: [], issuelinks: {}, project: { key: 'ENG', name: 'E' } },
        },
      },
    });
    expect((await session.call('get_jira_issue', { issue_key: 'ENG-1', comments: 0 })).isError).toBe(false);
  });

  test('a cancelled read is aborted upstream, too', async () => {
    fixture.jira.misbehave({ on: /search/, does: { kind: 'hang' } });
    const controller = new AbortController();
    const before = fixture.jira.requests().length;
    const answer = session
      .call('search_jira_issues', { jql: 'project = ENG' }, { signal: controller.signal })
      .catch((error: unknown) => error);
    await expect.poll(() => fixture.jira.requests().length, { timeout: 60_000 }).toBeGreaterThan(before);
    expect(fixture.jira.openRequests()).toBe(1);
    controller.abort();
    expect(await answer).toBeInstanceOf(Error);
    await expect.poll(() => fixture.jira.openRequests(), { timeout: 60_000 }).toBe(0);
  });
});

test('no arguments break the server', async () => {
  const words = [
    'ENG-1',
    'OPS-1',
    'ENG',
    'LEAN',
    'Bug',
    'Task',
    'Done',
    'blocks',
    'me',
    'none',
    'High',
    'labels',
    'summary',
  ];
  const tricky = [
    '__proto__',
    'constructor',
    '"',
    "' OR 1=1",
    '\u0000',
    '\ud800',
    '\u202e',
    '[~accountid:x]',
    '{code}',
    '',
  ];
  const text = fc.oneof(fc.constantFrom(...words, ...tricky), fc.string({ unit: 'binary', maxLength: 30 }));
  const value: fc.Arbitrary<unknown> = fc.oneof(
    { weight: 5, arbitrary: text },
    fc.integer(),
    fc.double(),
    fc.boolean(),
    fc.constant(null),
    fc.array(text, { maxLength: 3 }),
    fc.dictionary(
      fc.oneof(text, fc.constantFrom('Severity', 'Regions', 'components', 'duedate', 'Story points')),
      fc.oneof(text, fc.array(text), fc.integer(), fc.constant(null), fc.object({ maxDepth: 1 })),
      { maxKeys: 3 },
    ),
  );
  const { tools } = await session.client.listTools();
  const call = fc.constantFrom(...tools).chain(({ name, inputSchema }) =>
    fc.tuple(
      fc.constant(name),
      fc.record(Object.fromEntries(Object.keys(inputSchema.properties ?? {}).map((argument) => [argument, value])), {
        requiredKeys: inputSchema.required ?? [],
      }),
      fc.boolean(),
    ),
  );
  await fc.assert(
    fc.asyncProperty(call, async ([name, input, preview]) => {
      const { structured, isError } = await session.call(name, input, { preview });
      if (isError)
        expect(structured.error.code, structured.error.message).not.toMatch(/internal|outcome_unknown|upstream_error/);
    }),
    { numRuns: 200 },
  );
});

test('a runaway agent is stopped after ten tickets in ten minutes', async () => {
  const limited = await fixture.open({ SWITCHBOARD_RATE_LIMITS: '' });
  const answers = [];
  for (let count = 0; count < 11; count += 1)
    answers.push(await limited.call('create_jira_ticket', { ...bug, summary: `Number ${count}` }));
  expect(answers.filter(({ isError }) => isError)).toHaveLength(1);
  expect(answers.at(-1)?.structured.error).toMatchObject({ code: 'quota_exceeded' });
});

test('the token is only in the Authorization header of everything sent, returned or logged', async () => {
  const encoded = Buffer.from(`${fixture.jira.email}:${fixture.jira.token}`).toString('base64');
  const answers: string[] = [];
  for (const text of [fixture.jira.token, encoded]) {
    answers.push(
      (await session.call('create_jira_ticket', { ...bug, summary: text, description: text, labels: [text] })).text,
    );
    answers.push((await session.call('search_jira_issues', { jql: `text ~ "${text}"` })).text);
    answers.push((await session.call('find_jira_users', { query: text })).text);
    answers.push((await session.call('list_jira_projects', { search: text })).text);
    answers.push((await session.call('create_jira_ticket', { ...bug, assignee: text })).text);
  }
  for (const { headers, ...rest } of fixture.jira.requests()) {
    const { authorization, ...others } = headers;
    expect(authorization).toBe(`Basic ${encoded}`);
    const sent = decodeURIComponent(JSON.stringify([others, rest]));
    expect(sent).not.toContain(fixture.jira.token);
    expect(sent).not.toContain(encoded);
  }
  for (const said of [...answers, session.stderr()]) {
    expect(said).not.toContain(fixture.jira.token);
    expect(said).not.toContain(encoded);
  }
});
