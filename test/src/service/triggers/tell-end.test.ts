import { expect, it } from 'vitest';
import type { OccasionRow } from '../../../../src/service/state/occasion-store.ts';
import { tellEnd } from '../../../../src/service/triggers/tell-end.ts';

const row: OccasionRow = {
  id: 'id',
  name: 'slack/check/1',
  runbook: 'check',
  parameters: {},
  source: 'U0JANE001 in Slack',
  session: '20261122-090000-00000000',
  state: 'waiting',
  holder: null,
  touched: new Date(),
  attempts: 1,
  created: new Date(),
  started: null,
  ended: null,
  reason: null,
  exit_code: null,
  message: null,
  reply: 'https://hooks.slack.com/commands/1',
  options: { fromOthers: [], acceptGrants: false },
};

async function told(message: string, reply: string | null = row.reply): Promise<readonly string[]> {
  const bodies: string[] = [];
  await tellEnd({ ...row, reply }, message, {
    fetch: (_, init) => {
      if (typeof init?.body === 'string') bodies.push(init.body);
      return Promise.resolve(new Response('ok'));
    },
    origins: ['https://hooks.slack.com'],
    log: () => undefined,
  });
  return bodies.map((body) => (JSON.parse(body) as { text: string }).text);
}

it('tells an end without links and mentions that the title of a write may have', async () => {
  expect(await told('Waiting for: <https://evil.example|approve here> <!channel> `x` & more')).toEqual([
    "`check`: Waiting for: &lt;https://evil.example|approve here&gt; &lt;!channel&gt; 'x' &amp; more",
  ]);
});

it('tells nobody but Slack', async () => {
  expect(await told('Done.', 'https://hooks.slack.com.evil.example/')).toEqual([]);
  expect(await told('Done.', null)).toEqual([]);
});
