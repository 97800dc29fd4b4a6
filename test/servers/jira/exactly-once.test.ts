import { describe, expect, test, type TestContext } from 'vitest';
import type { JiraOptions, Misbehaviour } from '../../stack/jira/index.ts';
import { bug, containing, startFixture, type Fixture, type Session } from './harness.ts';

const start = async (
  options: JiraOptions = {},
  { onTestFinished }: Pick<TestContext, 'onTestFinished'>,
): Promise<{ fixture: Fixture; session: Session }> => {
  const fixture = await startFixture(options);
  onTestFinished(() => fixture.stop());
  return { fixture, session: await fixture.open() };
};

const create = /^POST .*\/issue$/;
const creations = (fixture: Fixture) =>
  fixture.jira.requests().filter(({ method, path }) => create.test(`${method} ${path}`));
const key = 'session-1-call-1';
/** On an idle machine, polling succeeds immediately. */
const patiently = { timeout: 60_000 };

describe.concurrent('a ticket whose response is lost after it was stored', () => {
  const faults: [string, Misbehaviour['does']][] = [
    ['connection reset before the answer', { kind: 'reset', at: 'after' }],
    ['connection reset in mid answer', { kind: 'reset', at: 'answer' }],
    ['500', { kind: 'answer-after', status: 500 }],
    ['503', { kind: 'answer-after', status: 503, body: { errorMessages: ['busy'] } }],
    ['an answer that cannot be read', { kind: 'answer-after', status: 201, body: { id: 1, note: 'no key' } }],
  ];
  for (const [name, does] of faults)
    test(name, async (context) => {
      const { fixture, session } = await start({}, context);
      fixture.jira.misbehave({ on: create, does });
      const reports: string[] = [];
      const answer = await session.call('create_jira_ticket', bug, {
        key,
        onProgress: (message) => reports.push(message),
      });
      expect(answer.structured).toMatchObject({ outcome: 'done', issue_key: 'ENG-1' });
      expect(fixture.jira.issues()).toHaveLength(1);
      expect(creations(fixture)).toHaveLength(1);
      expect(reports).toContain('The response was lost. Checking whether the change was made.');
      const again = await session.call('create_jira_ticket', bug, { key });
      expect(again.structured).toMatchObject({ outcome: 'replayed', issue_key: 'ENG-1' });
      expect(creations(fixture)).toHaveLength(1);
    });

  test('is found despite a lagging search index', async (context) => {
    const { fixture, session } = await start({ lagMs: 10_000 }, context);
    fixture.jira.misbehave({ on: create, does: { kind: 'reset', at: 'after' } });
    const answer = await session.call('create_jira_ticket', bug, { key });
    expect(answer.structured).toMatchObject({ outcome: 'done', issue_key: 'ENG-1' });
    expect(fixture.jira.issues()).toHaveLength(1);
  });

  test('is found even if the search fails at first', async (context) => {
    const { fixture, session } = await start({}, context);
    fixture.jira.misbehave({ on: create, does: { kind: 'reset', at: 'after' } });
    fixture.jira.misbehave({ on: /search/, times: 4, does: { kind: 'answer', status: 500 } });
    const answer = await session.call('create_jira_ticket', bug, { key });
    expect(answer.structured).toMatchObject({ outcome: 'done', issue_key: 'ENG-1' });
  });

  test('is found even without a key, and on a screen without labels', async (context) => {
    const { fixture, session } = await start({}, context);
    const task = { project_key: 'LEAN', issue_type: 'Task', summary: 'Twice the same' };
    await session.call('create_jira_ticket', task);
    fixture.jira.misbehave({ on: create, does: { kind: 'reset', at: 'after' } });
    const answer = await session.call('create_jira_ticket', task);
    expect(answer.structured).toMatchObject({ outcome: 'done', issue_key: 'LEAN-2' });
    expect(fixture.jira.issues()).toHaveLength(2);
  });
});

describe.concurrent('a ticket that Jira did not accept', () => {
  test('may be retried with the same key', async (context) => {
    const { fixture, session } = await start({}, context);
    fixture.jira.misbehave({
      on: create,
      does: {
        kind: 'answer',
        status: 429,
        headers: { 'retry-after': '1847', 'ratelimit-reason': 'jira-quota-tenant-based' },
      },
    });
    const refused = await session.call('create_jira_ticket', bug, { key });
    expect(refused.structured.error).toMatchObject({
      code: 'rate_limited',
      message: 'Jira applied a rate limit (jira-quota-tenant-based).',
      retryable: true,
      retryAfterMs: 1_847_000,
    });
    const answer = await session.call('create_jira_ticket', bug, { key });
    expect(answer.structured).toMatchObject({ outcome: 'done', issue_key: 'ENG-1' });
  });

  test('for a short time is retried automatically', async (context) => {
    const { fixture, session } = await start({}, context);
    const reports: string[] = [];
    fixture.jira.misbehave({ on: create, does: { kind: 'answer', status: 429, headers: { 'retry-after': '1' } } });
    const answer = await session.call('create_jira_ticket', bug, { onProgress: (message) => reports.push(message) });
    expect(answer.structured).toMatchObject({ outcome: 'done' });
    expect(reports).toEqual(['Jira asks to wait 1 s']);
    expect(fixture.jira.issues()).toHaveLength(1);
  });

  test('because the connection was refused before sending may be retried', async (context) => {
    const { fixture, session } = await start({ flavour: 'data-center' }, context);
    await session.call('get_jira_create_fields', { project_key: 'ENG', issue_type: 'Bug' });
    fixture.jira.misbehave({ does: { kind: 'reset', at: 'accept' } });
    const answer = await session.call('create_jira_ticket', bug, { key });
    // The outcome depends on timing. In either case the ticket is sent only once.
    expect(['unreachable', 'outcome_unknown']).toContain(answer.structured.error.code);
    expect(fixture.jira.issues()).toHaveLength(0);
  });

  for (const at of ['headers', 'body'] as const)
    test(`reset at ${at}, before anything was stored: the truth, and no second try`, async (context) => {
      // Data Center, whose index needs less time than Cloud's.
      const { fixture, session } = await start({ flavour: 'data-center' }, context);
      await session.call('get_jira_create_fields', { project_key: 'ENG', issue_type: 'Bug' });
      fixture.jira.misbehave({ on: create, does: { kind: 'reset', at } });
      const answer = await session.call('create_jira_ticket', bug, { key });
      expect(answer.structured.error).toMatchObject({
        code: 'outcome_unknown',
        retryable: false,
        hint: containing('Look in ENG'),
      });
      expect(fixture.jira.issues()).toHaveLength(0);
    });

  test('because nothing listens there is reported immediately', async (context) => {
    const { fixture, session } = await start({}, context);
    await session.call('get_jira_create_fields', { project_key: 'ENG', issue_type: 'Bug' });
    await fixture.jira.stop();
    const answer = await session.call('create_jira_ticket', bug, { key });
    expect(answer.structured.error).toMatchObject({ code: 'unreachable', message: containing('ECONNREFUSED') });
  });
});

describe.concurrent('one key', () => {
  test('two concurrent calls with one key create one ticket', async (context) => {
    const { fixture, session } = await start({}, context);
    const other = await fixture.open();
    const answers = await Promise.all(
      [session, session, other].map((each) => each.call('create_jira_ticket', bug, { key })),
    );
    expect(answers.map(({ structured }) => structured.issue_key)).toEqual(['ENG-1', 'ENG-1', 'ENG-1']);
    expect(answers.map(({ structured }) => structured['outcome']).filter((outcome) => outcome === 'done')).toHaveLength(
      1,
    );
    expect(creations(fixture)).toHaveLength(1);
  });

  test('a key is bound to its arguments', async (context) => {
    const { session } = await start({}, context);
    await session.call('create_jira_ticket', bug, { key });
    const answer = await session.call('create_jira_ticket', { ...bug, summary: 'Another' }, { key });
    expect(answer.structured.error).toMatchObject({ code: 'idempotency_mismatch' });
  });

  test('a server killed between store and response finds its ticket on retry', async (context) => {
    const { fixture, session } = await start({}, context);
    fixture.jira.misbehave({ on: create, does: { kind: 'hang-after' } });
    const lost = session.call('create_jira_ticket', bug, { key }).catch((error: unknown) => error);
    await expect.poll(() => fixture.jira.issues().length, patiently).toBe(1);
    process.kill(session.pid, 'SIGKILL');
    expect(await lost).toBeInstanceOf(Error);
    const answer = await (await fixture.open()).call('create_jira_ticket', bug, { key });
    expect(answer.structured).toMatchObject({ outcome: 'replayed', issue_key: 'ENG-1' });
    expect(creations(fixture)).toHaveLength(1);
  });

  test('a call cancelled before sending sends nothing; after sending it is completed', async (context) => {
    const { fixture, session } = await start({}, context);
    const early = new AbortController();
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    fixture.jira.misbehave({ on: /createmeta/, does: { kind: 'wait', for: held } });
    const cancelled = session
      .call('create_jira_ticket', bug, { key: 'early-cancelled', signal: early.signal })
      .catch((error: unknown) => error);
    await expect
      .poll(() => fixture.jira.requests().some(({ path }) => path.includes('createmeta')), patiently)
      .toBe(true);
    early.abort();
    expect(await cancelled).toBeInstanceOf(Error);
    release();

    const late = new AbortController();
    let answer = (): void => undefined;
    const stored = new Promise<void>((resolve) => (answer = resolve));
    fixture.jira.misbehave({ on: create, does: { kind: 'wait', for: stored } });
    const sent = session.call('create_jira_ticket', bug, { key, signal: late.signal }).catch((error: unknown) => error);
    await expect.poll(() => creations(fixture).length, patiently).toBe(1);
    late.abort();
    expect(await sent).toBeInstanceOf(Error);
    answer();
    await expect.poll(() => fixture.jira.issues().length, patiently).toBe(1);
    const again = await session.call('create_jira_ticket', bug, { key });
    expect(again.structured).toMatchObject({ outcome: 'replayed', issue_key: 'ENG-1' });
    expect(creations(fixture)).toHaveLength(1);
  });
});

describe.concurrent('other writes whose response is lost', () => {
  const prepare = async (context: TestContext) => {
    const { fixture, session } = await start({}, context);
    await session.call('create_jira_ticket', bug);
    await session.call('create_jira_ticket', { ...bug, summary: 'Other' });
    return { fixture, session, issue: () => fixture.jira.issues()[0] };
  };
  const resets = (on: RegExp): Misbehaviour => ({ on, does: { kind: 'reset', at: 'after' } });

  test('a comment is added once', async (context) => {
    const { fixture, session, issue } = await prepare(context);
    fixture.jira.misbehave(resets(/POST .*comment/));
    const answer = await session.call('add_jira_comment', { issue_key: 'ENG-1', body: 'Seen' }, { key });
    expect(answer.structured).toMatchObject({ outcome: 'done', comment_id: issue()?.comments[0]?.id });
    expect(issue()?.comments).toHaveLength(1);
  });

  test('an attachment is added once', async (context) => {
    const { fixture, session, issue } = await prepare(context);
    fixture.jira.misbehave(resets(/POST .*attachments/));
    const answer = await session.call(
      'attach_to_jira_issue',
      { issue_key: 'ENG-1', filename: 'a.csv', content: 'x' },
      { key },
    );
    expect(answer.structured).toMatchObject({ outcome: 'done', attachment_id: issue()?.attachments[0]?.id });
    expect(issue()?.attachments).toHaveLength(1);
  });

  test('a link is created once', async (context) => {
    const { fixture, session, issue } = await prepare(context);
    fixture.jira.misbehave(resets(/POST .*issueLink/));
    const input = { from_key: 'ENG-1', to_key: 'ENG-2', link_type: 'blocks' };
    expect((await session.call('link_jira_issues', input, { key })).structured).toMatchObject({ outcome: 'done' });
    expect(issue()?.links).toHaveLength(1);
  });

  test('a transition is made once, even by a restarted server', async (context) => {
    const { fixture, session, issue } = await prepare(context);
    fixture.jira.misbehave({ on: /POST .*transitions/, does: { kind: 'hang-after' } });
    const input = { issue_key: 'ENG-1', transition: 'Start Progress' };
    const lost = session.call('transition_jira_issue', input, { key }).catch((error: unknown) => error);
    await expect.poll(() => issue()?.fields['status'], patiently).toMatchObject({ name: 'In Progress' });
    process.kill(session.pid, 'SIGKILL');
    await lost;
    const answer = await (await fixture.open()).call('transition_jira_issue', input, { key });
    expect(answer.structured).toMatchObject({ outcome: 'replayed', status: 'In Progress' });
  });

  test('an update is applied again', async (context) => {
    const { fixture, session, issue } = await prepare(context);
    fixture.jira.misbehave({ on: /PUT/, does: { kind: 'reset', at: 'headers' } });
    const answer = await session.call('update_jira_issue', { issue_key: 'ENG-1', summary: 'Set' }, { key });
    expect(answer.structured).toMatchObject({ outcome: 'done' });
    expect(issue()?.fields['summary']).toBe('Set');
  });
});

test('a server ends when its client disconnects', async (context) => {
  const { session } = await start({}, context);
  await session.call('list_jira_projects', {});
  await session.close();
  await expect.poll(() => isAlive(session.pid), patiently).toBe(false);
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
