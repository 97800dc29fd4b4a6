import { expect, it } from 'vitest';
import { startServer, startStandIn } from './harness.ts';

it.each([
  ['post_slack_message', 'chat:write', { channel: '#operations', text: 'x' }],
  ['update_slack_message', 'chat:write', { channel: '#operations', ts: '1700000000.000100', text: 'x' }],
  ['add_slack_reaction', 'reactions:write', { channel: '#operations', ts: '1700000000.000100', name: 'eyes' }],
  ['upload_slack_file', 'files:write', { channel: '#operations', filename: 'a.txt', content: 'x' }],
])('the preview of %s is refused without the scope %s', async (tool, scope, input) => {
  const slack = await startStandIn({ withoutScopes: [scope] });
  const server = await startServer(slack);
  await expect(server.preview(tool, input)).rejects.toThrow(`The Slack app lacks the scope ${scope}.`);
});
