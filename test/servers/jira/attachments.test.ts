import { afterEach, describe, expect, test } from 'vitest';
import { bug, startFixture, type Fixture } from './harness.ts';

let fixture: Fixture;
afterEach(() => fixture.stop());

describe.each(['cloud', 'data-center'] as const)('read_jira_attachment on %s', (flavour) => {
  test('reads text by name or id, and reports what cannot be read', async () => {
    fixture = await startFixture({ flavour });
    const session = await fixture.open();
    const { issue_key } = (await session.call('create_jira_ticket', bug)).structured;
    const attach = (filename: string, content: string) =>
      session.call('attach_to_jira_issue', { issue_key, filename, content });
    const first = await attach('orders – März.csv', 'id,ß\n1,"é"\n');
    const read = (attachment: unknown) => session.call('read_jira_attachment', { issue_key, attachment });
    for (const name of ['orders – März.csv', 'ORDERS – MÄRZ.CSV', first.structured['attachment_id']]) {
      const answer = await read(name);
      expect(answer.text, String(name)).toBe('orders – März.csv (text/csv, 13 bytes)\n\nid,ß\n1,"é"\n');
      expect(answer.structured).toMatchObject({ size: 13, text: 'id,ß\n1,"é"\n' });
    }
    const whole = Array.from({ length: 5_000 }, (_, line) => `line ${line} of a log`).join('\n');
    await attach('app.log', whole);
    const page = await read('app.log');
    const rest = await session.call('read_jira_attachment', {
      issue_key,
      attachment: 'app.log',
      offset: page.structured['next_offset'],
    });
    expect(`${String(page.structured['text'])}${String(rest.structured['text'])}`.slice(0, 60_000)).toBe(
      whole.slice(0, 60_000),
    );
    expect((await read('nothing.txt')).structured.error).toMatchObject({
      code: 'not_found',
      hint: 'It has: orders – März.csv, app.log.',
    });
    const issue = fixture.jira.issues().at(-1);
    const author = issue?.attachments[0]?.author;
    if (issue === undefined || author === undefined) throw new Error('nothing was attached');
    const stored = { author, mediaId: 'b9b5c2f0-0000-4000-8000-000000000000', created: '2026-11-29T10:00:00.000Z' };
    issue.attachments.push({
      ...stored,
      id: '90001',
      filename: 'a.png',
      mimeType: 'image/png',
      content: Buffer.from([0x89, 0, 1]),
    });
    issue.attachments.push({
      ...stored,
      id: '90002',
      filename: 'big.log',
      mimeType: 'text/plain',
      content: Buffer.alloc(6_000_000, 'x'),
    });
    expect((await read('a.png')).structured.error).toMatchObject({
      code: 'invalid_arguments',
      message: 'a.png is not a text file (image/png). Only text can be read.',
    });
    expect((await read('90002')).structured.error).toMatchObject({ code: 'too_large' });
  });

  test('reads nothing outside the allowed projects and follows no redirect', async () => {
    fixture = await startFixture({ flavour });
    const session = await fixture.open();
    const { issue_key } = (await session.call('create_jira_ticket', { ...bug, project_key: 'OPS', issue_type: 'Task' }))
      .structured;
    await session.call('attach_to_jira_issue', { issue_key, filename: 'a.txt', content: 'x' });
    const limited = await fixture.open({ JIRA_ALLOWED_PROJECTS: 'ENG' });
    const outside = await limited.call('read_jira_attachment', { issue_key, attachment: 'a.txt' });
    expect(outside.structured.error).toMatchObject({ code: 'not_allowed' });
    fixture.jira.misbehave({
      on: /attachment\/(?:content\/)?\d+/,
      does: { kind: 'redirect', to: 'https://evil.example/x' },
    });
    const away = await session.call('read_jira_attachment', { issue_key, attachment: 'a.txt' });
    expect(away.structured.error).toMatchObject({ code: 'upstream_error' });
  });
});
