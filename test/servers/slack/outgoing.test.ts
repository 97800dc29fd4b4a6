import { undoCalls } from '../../../src/agent/undo.ts';
import { expect, test } from 'vitest';
import { startSlack } from '../../stack/slack/slack.ts';
import { withExamples } from '../example-input.ts';
import { disguises, plant, requireEveryArgument } from '../plant.ts';
import { knownArguments } from './known-arguments.ts';
import { startServer, startStandIn } from './harness.ts';

const channel = '#operations';

/** For tools that need real values. All others get arguments from their schema. */
const inputsFor = (ts: string): [string, Record<string, unknown>][] => [
  ['read_slack_channel', { channel, oldest: '2026-01-31T09:00:00Z', latest: '2099-01-31T09:00:00Z', cursor: '' }],
  ['read_slack_thread', { channel, thread_ts: ts, cursor: '' }],
  ['search_slack_messages', { query: 'deploy', cursor: '1' }],
  [
    'post_slack_message',
    {
      channel: '#general',
      text: 'Seen',
      mentions: [{ type: 'user', id: 'U0JANE001' }],
      unfurl_hosts: ['docs.example.com'],
    },
  ],
  ['post_slack_message', { channel, text: 'Seen', thread_ts: ts }],
  ['update_slack_message', { channel, ts, text: 'Seen again' }],
  ['upload_slack_file', { channel, filename: 'a.csv', content: 'a,b', title: 'A', comment: 'Look', thread_ts: ts }],
  ['upload_slack_file', { channel: '#payments-oncall', filename: 'b.csv', content: 'a,b' }],
];

test('neither token is sent in any argument of any tool, at any depth', async () => {
  const slack = await startSlack();
  const server = await startServer(slack, { SLACK_USER_TOKEN: slack.userToken, SWITCHBOARD_RATE_LIMITS: 'off' });
  const { structured } = await server.call('post_slack_message', { channel, text: 'First' });
  const shared = await server.call('upload_slack_file', { channel: '#general', filename: 'c.csv', content: 'c' });
  const [ts, file] = [String(structured['ts']), String(shared.structured['file_id'])];
  const { tools } = await server.client.listTools();
  const doomed = await server.call('post_slack_message', { channel, text: 'To be deleted' });
  const deletion = ['delete_slack_message', { channel, ts: doomed.structured['ts'] }] as const;
  const redone = await server.call('post_slack_message', { channel, text: 'To be edited and restored' });
  const edited = { channel, ts: redone.structured['ts'] };
  const [undo] = undoCalls('update_slack_message', {
    ...(await server.call('update_slack_message', { ...edited, text: 'Edited' })).structured,
  });
  const restoration = ['restore_slack_message', { ...undo?.arguments, ...edited }] as const;
  const inputs = withExamples(tools, [...inputsFor(ts), deletion, restoration], knownArguments(ts, file));
  requireEveryArgument(tools, inputs);
  const [, within, ...encoded] = disguises(slack.token);
  const [, theOther] = disguises(slack.userToken);
  const tries = [within, encoded[1], theOther].filter((disguise) => disguise !== undefined);
  expect(tries).toHaveLength(3);
  // Concurrently, because each channel accepts one message per second.
  await Promise.all(
    inputs.map(async ([tool, input]) => {
      await server.call(tool, input);
      for (const disguise of tries)
        for (const planted of plant(input, disguise))
          await server.client.callTool({ name: tool, arguments: planted.input });
    }),
  );
  // Everything that could be sent was sent with the secret masked.
  const sent = slack.requests().map(({ form, body }) => `${JSON.stringify(form)}${body}`);
  for (const place of ['Seen [redacted', 'a.csv [redacted', 'a,b [redacted', 'A [redacted', 'deploy [redacted'])
    expect(
      sent.some((text) => text.includes(place)),
      place,
    ).toBe(true);
  await expect(slack.stop()).resolves.toBeUndefined();
});

test("a file's name and title are part of the approval", async () => {
  const slack = await startStandIn();
  const server = await startServer(slack);
  const preview = await server.preview('upload_slack_file', { channel, filename: 'a.csv', title: 'A', content: 'x' });
  expect(JSON.parse(preview.raw)).toMatchObject({ filename: 'a.csv', title: 'A', content: 'x' });
  const named = await server.preview('upload_slack_file', { channel, filename: `${slack.token}.csv`, content: 'x' });
  expect(JSON.parse(named.raw)).toMatchObject({ filename: '[redacted secret].csv', title: '[redacted secret].csv' });
  expect(named.warnings).toEqual([
    "Changed in 'filename' before sending: secret masked.",
    'Contains a secret, masked.',
  ]);
});

test('personal data anywhere in a file is named', async () => {
  const server = await startServer(await startStandIn());
  const content = `${'row,declined\n'.repeat(5000)}jane@example.com,4111 1111 1111 1111`;
  const preview = await server.preview('upload_slack_file', { channel, filename: 'orders.csv', content });
  expect(preview.personalData).toEqual(['an email address (j…@example.com)', 'a payment card number (…1111)']);
});
