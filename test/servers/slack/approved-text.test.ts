import fc from 'fast-check';
import { expect, test } from 'vitest';
import * as z from 'zod';
import { startServer, startStandIn } from './harness.ts';

const channel = '#operations';
const blocksSchema = z.array(z.object({ text: z.string(), blocks: z.unknown() }));

const fragments = [
  'https://status.example.com',
  'postgres://me:hunter2@db/x',
  ':',
  '@oncall',
  '\n',
  '"',
  '},{"type":"',
  '\\',
  ' ',
  '\u202e',
  '\ud83d',
  '\u0007',
  '**',
  '`',
  '| a |\n|---|\n',
  'xoxb-1234567890-abcdef',
  'bob@example.com',
  '_',
];

/** Text in which an address, a colon and an @ come together in every order, and what cannot be seen or encoded. */
const hard = fc
  .array(fc.constantFrom(...fragments), { minLength: 1, maxLength: 12 })
  .map((parts) => `x${parts.join('')}`);

test('what is shown as sent is sent, whatever the text', async () => {
  const slack = await startStandIn();
  const server = await startServer(slack, { SWITCHBOARD_RATE_LIMITS: 'off' });
  for (const text of ['Status page: https://status.example.com\n@oncall please look', ...fc.sample(hard, 12)]) {
    const shown = await server.preview('post_slack_message', { channel, text });
    await server.call('post_slack_message', { channel, text });
    const sent = slack.requests().findLast(({ method }) => method === 'chat.postMessage')?.form;
    const [part] = blocksSchema.parse(JSON.parse(shown.raw));
    expect({ text: sent?.['text'], blocks: sent?.['blocks'] }).toEqual({
      text: part?.text,
      blocks: JSON.stringify(part?.blocks),
    });
  }
});

test('half of a character is replaced, said, and eats nothing', async () => {
  const slack = await startStandIn();
  const server = await startServer(slack, { SWITCHBOARD_RATE_LIMITS: 'off' });
  for (const [text, arrived] of [
    ['x \ud83d!Y', 'x \ufffd!Y'],
    ['bad \ud83d', 'bad \ufffd'],
  ] as const) {
    const { structured } = await server.call('post_slack_message', { channel, text });
    expect(structured['warnings']).toEqual([
      "Changed in 'text' before sending: incomplete characters replaced by U+FFFD.",
    ]);
    expect(slack.requests().findLast(({ method }) => method === 'chat.postMessage')?.form['text']).toBe(arrived);
  }
  const { structured } = await server.call('upload_slack_file', {
    channel,
    filename: 'a.txt',
    content: 'x',
    comment: 'c \udc00',
  });
  expect(structured).toMatchObject({
    outcome: 'done',
    warnings: ["Changed in 'comment' before sending: incomplete characters replaced by U+FFFD."],
  });
});

test('what nobody would see is left out of a post, with or without a preview', async () => {
  const slack = await startStandIn();
  const server = await startServer(slack);
  const input = { channel, text: 'file \u202egnp.exe is safe\u202c, \u001b[31mred' };
  const said = ["Changed in 'text' before sending: invisible U+202E, U+202C removed; control characters shown as ␛."];
  expect((await server.preview('post_slack_message', input)).warnings).toEqual(said);
  expect((await server.call('post_slack_message', input)).structured['warnings']).toEqual(said);
  const sent = slack.requests().findLast(({ method }) => method === 'chat.postMessage')?.form;
  expect(sent?.['text']).toBe('file gnp.exe is safe, ␛[31mred');
});

test('a message that holds an address and an @ is read as it stands', async () => {
  const slack = await startStandIn();
  const server = await startServer(slack);
  const text = '{"url":"https://api.example.com","email":"bob@example.com"}';
  await server.call('post_slack_message', { channel, text: `\`\`\`\n${text}\n\`\`\`` });
  expect(JSON.stringify((await server.call('read_slack_channel', { channel })).structured['rows'])).toContain(
    JSON.stringify(text).slice(1, -1),
  );
});
