import { expect, it } from 'vitest';
import { exampleInput } from '../example-input.ts';
import { ourServers } from '../our-servers.ts';
import { startServer, startStandIn } from './harness.ts';
import { knownArguments } from './known-arguments.ts';

const needed = [
  ['post_slack_message', 'chat:write'] as const,
  ['update_slack_message', 'chat:write'] as const,
  ...ourServers.slack.tools.flatMap(({ name, scopes }) => scopes.map((scope) => [name, scope] as const)),
];

it.each(needed)('%s is rejected without the scope %s, before approval', async (name, scope) => {
  const slack = await startStandIn({ withoutScopes: [scope] });
  const server = await startServer(slack);
  const tool = (await server.client.listTools()).tools.find((each) => each.name === name);
  const input = exampleInput(tool ?? { name, inputSchema: {} }, knownArguments('1700000000.000100', 'F0123456'));
  const isRead = tool?.annotations?.readOnlyHint === true;
  const refused = isRead ? server.call(name, input) : server.preview(name, input);
  await expect(refused).rejects.toThrow(`The Slack app lacks the scope ${scope}.`);
});
