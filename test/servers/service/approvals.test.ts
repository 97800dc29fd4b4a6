import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { approvedBytes } from '../../../servers/contract/approved-bytes.ts';
import { readActionValue, writeActionValue } from '../../../src/service/approvals/card/action-value.ts';
import type { WaitingWrite } from '../../../src/service/approvals/waiting-write.ts';
import { findButton, whispersTo } from '../../stack/slack/press.ts';
import { createSession, impatient, jane, omar, rule, startDesk, type Desk } from './desk.ts';
import { askIn, messageIn, shownIn } from './questions.ts';

let desk: Desk;
let count = 0;
const newSession = (): string => `session-${(count += 1)}`;

beforeAll(async () => {
  desk = await startDesk();
});
afterAll(() => desk.stop());

const shown = (session: string, state?: string) => shownIn(desk, session, state);
const messageOf = (write: WaitingWrite) => messageIn(desk, write);
const ask = (session = newSession(), rules = [rule]) => askIn(desk, session, rules);

/** Waits for what a person is told. */
async function told(user: string, before: number): Promise<string | undefined> {
  while (whispersTo(desk.slack, user).length <= before) await desk.store.watch.next(50);
  return whispersTo(desk.slack, user).at(-1);
}

describe('a write that is approved in Slack', () => {
  it('is sent once, with exactly what was shown, and the message says who answered', async () => {
    const { session, run, ended, write, message } = await ask();
    expect((await desk.press({ button: 'Approve', user: jane.slack, message })).status).toBe(200);
    expect(await ended).toMatchObject({ end: { reason: 'completed' } });
    expect(run.sent).toEqual([run.input]);
    const { preview } = write.request;
    expect([...run.cleared.values()][0]?.verdict.approval).toEqual({
      id: write.id,
      decision: 'once',
      sha256: preview === undefined ? '' : approvedBytes(preview),
      by: 'Jane Doe (U0JANE001)',
      from: 'Slack',
    });
    await shown(session, 'approved');
    const now = JSON.stringify(messageOf(write).blocks);
    expect(now).toContain('Approved by Jane Doe (U0JANE001), Slack, ');
    expect(now).not.toContain('"button"');
    expect(desk.audited.filter((body) => body.session === session)).toMatchObject([
      {
        phase: 'intent',
        actor: 'Jane Doe (U0JANE001)',
        subject: 'slack T0SHOP001 U0JANE001',
        approval: { from: 'Slack' },
      },
      { phase: 'result', outcome: 'ok', approval: { id: write.id, decision: 'approved', sha256: write.digest } },
    ]);
  });

  it('is not sent when it is denied, and the model is told who denied it', async () => {
    const { session, run, ended, message } = await ask();
    await desk.press({ button: 'Deny', user: omar.slack, message });
    const { end, events } = await ended;
    expect(end).toMatchObject({ reason: 'denied', writeNotGranted: true });
    expect(events.find(({ type }) => type === 'approval-resolved')).toMatchObject({
      reason: expect.stringContaining('By Omar Haddad (U0OMAR001), Slack.') as string,
    });
    expect(run.sent).toEqual([]);
    expect(JSON.stringify(messageOf(await shown(session, 'denied')).blocks)).toContain('Denied. Nothing is sent.');
  });

  it('goes to a person by direct message', async () => {
    const session = newSession();
    const ended = createSession(desk, session, [{ ...rule, post: jane.slack, people: [jane] }]).start();
    expect(await shown(session)).toMatchObject({ posted: { channel: 'D0JANE001' } });
    await desk.press({ button: 'Deny', user: jane.slack, channel: 'D0JANE001' });
    expect(await ended).toMatchObject({ end: { reason: 'denied' } });
  });

  it('is posted once, however many processes post', async () => {
    const before = desk.slack.messages('C0OPERATE').length;
    const others = [desk.poster(), desk.poster(), desk.poster()];
    const asked = await Promise.all([ask(), ask(), ask()]);
    expect(desk.slack.messages('C0OPERATE')).toHaveLength(before + 3);
    for (const { message } of asked) await desk.press({ button: 'Deny', user: jane.slack, message });
    await Promise.all(asked.map(({ ended }) => ended));
    await Promise.all(others.map((other) => other.stop()));
  });
});

describe('a run whose approval does not come in time', () => {
  it('says what is waiting, and sends exactly that once when it is resumed', async () => {
    const session = newSession();
    const run = createSession(desk, session, [impatient]);
    const first = await run.start();
    expect(first.end).toMatchObject({ reason: 'waiting', writeNotGranted: true });
    expect(first.end.message).toMatch(
      /^Waiting for an approval: create_jira_ticket \(ENG\)\. Jane Doe, Omar Haddad can answer/u,
    );
    expect(first.end.message).toMatch(new RegExp(`UTC\\. Then: ${session}\\.$`, 'u'));
    const write = await shown(session);
    // Resumed too early, it waits for the same question.
    expect(await run.resume()).toMatchObject({ end: { reason: 'waiting' } });
    expect((await desk.store.ofSession(session)).map(({ id }) => id)).toEqual([write.id]);
    expect(await desk.store.isAnswered(session)).toBe(false);
    await desk.press({ button: 'Approve', user: jane.slack, message: messageOf(write) });
    expect(desk.answered).toContain(session);
    expect(await desk.store.isAnswered(session)).toBe(true);
    const last = await run.resume();
    expect(last.end.reason).toBe('completed');
    expect(last.events.find(({ type }) => type === 'approval-resolved')).toMatchObject({
      reason: 'Allowed before the run was interrupted. By Jane Doe (U0JANE001), Slack.',
    });
    expect(run.sent).toEqual([run.input]);
  });

  it('ends without it when it was denied meanwhile', async () => {
    const session = newSession();
    const run = createSession(desk, session, [impatient]);
    await run.start();
    await desk.press({ button: 'Deny', user: omar.slack, message: messageOf(await shown(session)) });
    expect(await run.resume()).toMatchObject({ end: { reason: 'denied' } });
    expect(run.sent).toEqual([]);
    expect(await desk.store.ofSession(session)).toHaveLength(1);
  });

  it.each([
    ['its arguments', `replace(request, '37 orders', '99 orders')`],
    ['its destination', `replace(request, '"id":"ENG"', '"id":"OPS"')`],
  ])('asks again if %s were edited after the approval: nothing is sent', async (_, edit) => {
    const session = newSession();
    const run = createSession(desk, session, [impatient]);
    await run.start();
    const write = await shown(session);
    await desk.press({ button: 'Approve', user: jane.slack, message: messageOf(write) });
    await desk.admin.query(`update switchboard.approval set request = ${edit} where id = $1`, [write.id]);
    expect(await run.resume()).toMatchObject({ end: { reason: 'waiting' } });
    expect(run.sent).toEqual([]);
    expect(String(desk.faults.at(-1))).toContain(`Approval ${write.id} was changed after it was given`);
    await desk.press({ button: 'Deny', user: jane.slack, message: messageOf(await shown(session)) });
  });
});

describe('nothing is sent for', () => {
  it.each([
    ['a forged signature', { signingSecret: 'guessed' }],
    ['a changed body', { tamper: (body: string) => body.replace('U0JANE001', 'U0OMAR001') }],
    ['a signature of six minutes ago', { at: new Date(Date.now() - 360_000) }],
  ])('%s', async (_, change) => {
    const { session, run, ended, message } = await ask();
    const answer = await desk.press({ button: 'Approve', user: jane.slack, message, ...change });
    expect(answer.status).toBe(401);
    expect(desk.logged.at(-1)).toContain('refused what should come from Slack');
    expect((await desk.store.ofSession(session))[0]?.state).toBe('waiting');
    expect(run.sent).toEqual([]);
    await desk.press({ button: 'Deny', user: jane.slack, message });
    await ended;
  });

  it.each([
    ['another workspace', { team: 'T0OTHER01' }, 'This workspace cannot answer that.'],
    ['another app', { app: 'A0OTHER01' }, 'This workspace cannot answer that.'],
    ['a guest of a shared channel', { userTeam: 'T0OTHER01' }, 'This workspace cannot answer that.'],
    ['a person who is not named', { user: 'U0LIN0001' }, 'Only Jane Doe, Omar Haddad can answer this.'],
    ['a button without its value', { value: '' }, 'This button is of another version of Switchboard.'],
  ])('%s, who is told why', async (_, change, why) => {
    const { session, run, ended, message } = await ask();
    const press = { button: 'Approve', user: jane.slack, message, ...change };
    const before = whispersTo(desk.slack, press.user).length;
    expect((await desk.press(press)).status).toBe(200);
    expect(await told(press.user, before)).toContain(why);
    expect((await desk.store.ofSession(session))[0]?.state).toBe('waiting');
    expect(run.sent).toEqual([]);
    await desk.press({ button: 'Deny', user: jane.slack, message });
    await ended;
  });

  it('a value of another message, of another hash, or of an earlier post', async () => {
    const [one, other] = await Promise.all([ask(), ask()]);
    const value = readActionValue(findButton(desk.slack, 'C0OPERATE', 'Approve', one.message)?.value ?? '');
    const foreign = readActionValue(findButton(desk.slack, 'C0OPERATE', 'Approve', other.message)?.value ?? '');
    if (value === undefined || foreign === undefined) throw new Error('no value');
    for (const [forged, why] of [
      [{ ...value, nonce: foreign.nonce }, 'out of date'],
      [{ ...value, digest: 'f'.repeat(64) }, 'not what you were shown'],
      [{ ...value, id: '00000000-0000-4000-8000-000000000000' }, 'no longer exists'],
    ] as const) {
      const before = whispersTo(desk.slack, jane.slack).length;
      await desk.press({ button: 'Approve', user: jane.slack, message: one.message, value: writeActionValue(forged) });
      expect(await told(jane.slack, before)).toContain(why);
    }
    expect((await desk.store.ofSession(one.session))[0]?.state).toBe('waiting');
    for (const { message, ended, run } of [one, other]) {
      await desk.press({ button: 'Deny', user: jane.slack, message });
      await ended;
      expect(run.sent).toEqual([]);
    }
  });

  it('a second press of a button, by anybody', async () => {
    const { session, run, ended, message } = await ask();
    const value = findButton(desk.slack, 'C0OPERATE', 'Approve', message)?.value ?? '';
    await desk.press({ button: 'Approve', user: jane.slack, message });
    await ended;
    await shown(session, 'approved');
    const another = await ask();
    for (const user of [jane.slack, omar.slack]) {
      const before = whispersTo(desk.slack, user).length;
      await desk.press({ button: 'Approve', user, message: another.message, value });
      expect(await told(user, before)).toContain('Jane Doe (U0JANE001) has already approved it (Slack, ');
    }
    expect(run.sent).toHaveLength(1);
    expect(desk.audited.at(-1)).toMatchObject({
      phase: 'refused',
      errorCode: 'answered',
      actor: 'Omar Haddad (U0OMAR001)',
    });
    await desk.press({ button: 'Deny', user: jane.slack, message: another.message });
    await another.ended;
  });

  it('bytes that were edited before the press', async () => {
    const { session, run, ended, write, message } = await ask();
    await desk.admin.query(
      `update switchboard.approval set request = replace(request, '37 orders', '99 orders') where id = $1`,
      [write.id],
    );
    const before = whispersTo(desk.slack, jane.slack).length;
    await desk.press({ button: 'Approve', user: jane.slack, message });
    expect(await told(jane.slack, before)).toContain('not what you were shown');
    expect((await desk.store.ofSession(session))[0]?.state).toBe('waiting');
    await desk.admin.query(`update switchboard.approval set expires = clock_timestamp() where id = $1`, [write.id]);
    desk.store.watch.tell('expired');
    expect(await ended).toMatchObject({ end: { reason: 'waiting' } });
    expect(run.sent).toEqual([]);
  });

  it('a question that has expired', async () => {
    const session = newSession();
    const run = createSession(desk, session, [impatient]);
    await run.start();
    const write = await shown(session);
    const message = messageOf(write);
    const value = findButton(desk.slack, 'C0OPERATE', 'Approve', message)?.value ?? '';
    await desk.admin.query(`update switchboard.approval set expires = clock_timestamp() where id = $1`, [write.id]);
    desk.store.watch.tell('expired');
    expect(JSON.stringify(messageOf(await shown(session, 'expired')).blocks)).toContain('Nobody answered in time.');
    const other = await ask();
    const before = whispersTo(desk.slack, jane.slack).length;
    await desk.press({ button: 'Approve', user: jane.slack, message: other.message, value });
    expect(await told(jane.slack, before)).toContain('It expired at ');
    // Resumed, the run asks a new question.
    expect(await run.resume()).toMatchObject({ end: { reason: 'waiting' } });
    expect(run.sent).toEqual([]);
    for (const { message: each } of [other, { message: messageOf(await shown(session)) }])
      await desk.press({ button: 'Deny', user: jane.slack, message: each });
    await other.ended;
  });

  it('an answer that cannot be recorded', async () => {
    const { session, ended, message } = await ask();
    const { append } = desk.ports.audit;
    Object.assign(desk.ports.audit, { append: () => Promise.reject(new Error('the disk is full')) });
    const before = whispersTo(desk.slack, jane.slack).length;
    await desk.press({ button: 'Approve', user: jane.slack, message });
    expect(await told(jane.slack, before)).toContain('cannot be recorded now');
    expect((await desk.store.ofSession(session))[0]?.state).toBe('waiting');
    Object.assign(desk.ports.audit, { append });
    await desk.press({ button: 'Deny', user: jane.slack, message });
    await ended;
  });
});

it('of two people who answer at the same moment, exactly one wins', async () => {
  for (let round = 0; round < 10; round += 1) {
    const { session, run, ended, message } = await ask();
    const before = [jane, omar].map(({ slack }) => whispersTo(desk.slack, slack).length);
    await Promise.all([
      desk.press({ button: 'Approve', user: jane.slack, message }),
      desk.press({ button: 'Deny', user: omar.slack, message }),
    ]);
    const { end } = await ended;
    const [write] = await desk.store.ofSession(session);
    const isApproved = write?.state === 'approved';
    expect(end.reason).toBe(isApproved ? 'completed' : 'denied');
    expect(run.sent).toHaveLength(isApproved ? 1 : 0);
    const loser = isApproved ? 1 : 0;
    const { slack } = isApproved ? omar : jane;
    expect(await told(slack, before[loser] ?? 0)).toMatch(/has already (?:approved|denied) it/u);
    const results = desk.audited.filter((body) => body.session === session && body.outcome === 'ok');
    expect(results).toHaveLength(1);
  }
});

it('is removed 30 days after it was over, with what it would have sent', async () => {
  const [old, recent, open] = [newSession(), newSession(), newSession()];
  for (const session of [old, recent, open]) await createSession(desk, session, [impatient]).start();
  const write = await shown(old);
  await desk.press({ button: 'Deny', user: jane.slack, message: messageOf(write) });
  await desk.press({ button: 'Deny', user: jane.slack, message: messageOf(await shown(recent)) });
  await desk.admin.query(
    `update switchboard.approval set expires = expires - interval '31 days' where session = any($1)`,
    [[old]],
  );
  await desk.admin.query('select switchboard.purge_approvals()');
  const left = await Promise.all([old, recent, open].map((session) => desk.store.ofSession(session)));
  expect(left.map(({ length }) => length)).toEqual([0, 1, 1]);
  await desk.press({ button: 'Deny', user: jane.slack, message: messageOf(await shown(open)) });
});
