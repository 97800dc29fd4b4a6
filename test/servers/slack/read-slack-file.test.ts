import { expect, it } from 'vitest';
import type { StoredFile } from '../../stack/slack/workspace.ts';
import { startServer, startStandIn } from './harness.ts';

type StandIn = Awaited<ReturnType<typeof startStandIn>>;

function share(slack: StandIn, channel: string, file: Partial<StoredFile> & { content: Buffer }): string {
  const id = slack.workspace.nextId('F');
  slack.workspace.channel(channel)!.messages.push({
    ts: slack.workspace.nextTs(),
    user: 'U0JANE001',
    text: 'here',
    blocks: [],
    files: [{ id, name: 'orders.csv', title: 'orders.csv', mimetype: 'text/csv', filetype: 'csv', ...file }],
    reactions: new Map(),
    posted: false,
    notified: [],
    unfurled: [],
  });
  return id;
}

it('a message shows the id of its file, by which its text is read', async () => {
  const slack = await startStandIn();
  const id = share(slack, 'operations', { content: Buffer.from('id,ß\n1,"é"\n') });
  const server = await startServer(slack);
  const { text } = await server.call('read_slack_channel', { channel: 'operations' });
  expect(text).toContain(`here\n[file: orders.csv (${id}, csv, 13 bytes)]`);
  const link = `${slack.url}/files/U0JANE001/${id}/orders.csv`;
  for (const file of [id, link, `<${link}|orders.csv>`]) {
    const answer = await server.call('read_slack_file', { file });
    expect(answer.structured).toEqual({
      file: id,
      name: 'orders.csv',
      media_type: 'text/csv',
      size: 13,
      text: 'id,ß\n1,"é"\n',
    });
    expect(answer.text).toBe('orders.csv (text/csv, 13 bytes)\n\nid,ß\n1,"é"\n');
  }
});

it('a canvas is read as text', async () => {
  const slack = await startStandIn();
  const html = `<h1>Runbook</h1><p class="line">Call <a href="https://pager.example">the pager</a> &amp; wait</p>
    <ul><li>one</li><li>two</li></ul><table><tr><th>code</th><th>n</th></tr><tr><td>PAY</td><td>3</td></tr></table>
    <img src="https://files.slack.com/x.png" alt="x">`;
  const file = share(slack, 'operations', {
    name: 'Runbook',
    title: 'Runbook',
    mimetype: 'application/vnd.slack-docs',
    filetype: 'quip',
    content: Buffer.from(html),
  });
  const server = await startServer(slack);
  const { text } = (await server.call('read_slack_file', { file })).structured;
  expect(String(text).replaceAll(/\n{2,}/g, '\n')).toBe(
    'Runbook\nCall the pager (https://pager.example) & wait\n * one\n * two\ncode   n\nPAY    3',
  );
});

it('a long file is read page by page, never within a character', async () => {
  const slack = await startStandIn();
  const whole = Array.from({ length: 9_000 }, (_, line) => `line ${line} 👩‍👩‍👧`).join('\n');
  const file = share(slack, 'operations', { content: Buffer.from(whole) });
  const server = await startServer(slack);
  let read = '';
  let offset: unknown = 0;
  for (let page = 0; offset !== undefined && page < 20; page += 1) {
    const { structured } = await server.call('read_slack_file', { file, offset });
    read += String(structured['text']);
    offset = structured['next_offset'];
  }
  expect(read).toBe(whole);
  expect(await server.fail('read_slack_file', { file, offset: 9_999_999 })).toMatchObject({
    code: 'invalid_arguments',
  });
});

it('binary, oversized, external and hidden files are reported', async () => {
  const slack = await startStandIn();
  const server = await startServer(slack);
  const png = share(slack, 'operations', {
    name: 'a.png',
    title: 'a.png',
    mimetype: 'image/png',
    content: Buffer.from([0x89, 0x50, 0, 0]),
  });
  const large = share(slack, 'operations', { content: Buffer.alloc(5 * 1024 * 1024 + 1, 'x') });
  const secret = share(slack, 'board', { content: Buffer.from('x') });
  for (const [file, error] of [
    [png, { code: 'invalid_arguments', message: 'a.png is not a text file (image/png). Only text can be read.' }],
    [large, { code: 'too_large' }],
    [secret, { code: 'not_found' }],
    ['F0NOWHERE1', { code: 'not_found', hint: 'Give the id as shown in a message.' }],
    ['orders.csv', { code: 'invalid_arguments' }],
    ['../../F0123456', { code: 'not_found' }],
  ] as const)
    expect(await server.fail('read_slack_file', { file }), file).toMatchObject(error);
  const encoded = share(slack, 'operations', { content: Buffer.from([0x67, 0x72, 0xfc, 0xdf, 0x65]) });
  expect((await server.call('read_slack_file', { file: encoded })).structured['text']).toBe('grüße');
  const utf16 = share(slack, 'operations', { content: Buffer.from('\uFEFFein Maß', 'utf16le') });
  expect((await server.call('read_slack_file', { file: utf16 })).structured['text']).toBe('ein Maß');
});

it('the read settings apply to files, and the token goes only to Slack', async () => {
  const slack = await startStandIn();
  const file = share(slack, 'operations', { content: Buffer.from('x') });
  const limited = await startServer(slack, { SLACK_READ_CHANNELS: '#general' });
  expect(await limited.fail('read_slack_file', { file })).toMatchObject({
    code: 'not_allowed',
    message: 'The file is not in any channel listed in SLACK_READ_CHANNELS.',
  });
  const server = await startServer(slack);
  const elsewhere = {
    id: file,
    name: 'a',
    mimetype: 'text/plain',
    url_private: 'https://evil.example/a',
    channels: [],
  };
  slack.misbehave({ method: 'files.info', fault: { kind: 'answer', answer: { ok: true, file: elsewhere } } });
  expect(await server.fail('read_slack_file', { file })).toMatchObject({ code: 'upstream_error' });
  const page = { ...elsewhere, url_private: `${slack.url}/files-pri/T1-F0UNKNOWN/a` };
  slack.misbehave({ method: 'files.info', fault: { kind: 'answer', answer: { ok: true, file: page } } });
  expect(await server.fail('read_slack_file', { file })).toMatchObject({
    code: 'forbidden',
    message: 'Slack returned a web page instead of the file.',
  });
  slack.misbehave({
    method: 'files.info',
    fault: {
      kind: 'answer',
      answer: { ok: true, file: { ...elsewhere, is_external: true, permalink: 'https://drive.example/1' } },
    },
  });
  expect(await server.fail('read_slack_file', { file })).toMatchObject({ hint: 'It is at https://drive.example/1' });
  const without = await startStandIn({ withoutScopes: ['files:read'] });
  expect(await (await startServer(without)).fail('read_slack_file', { file: 'F0123456' })).toMatchObject({
    message: 'The Slack app lacks the scope files:read.',
  });
});
