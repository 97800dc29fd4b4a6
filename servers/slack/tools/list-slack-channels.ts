import * as z from 'zod';
import { defineTool } from '../../kit/define-tool.ts';
import type { Channel } from '../channels.ts';
import { callOptions, type Context } from './write-helpers.ts';
import { table, wholeTableOutput } from './table-output.ts';

const most = 100;

export default defineTool({
  name: 'list_slack_channels',
  title: 'List Slack channels',
  description: `Channels the app can see, at most ${most}.`,
  input: z.strictObject({ search: z.string().trim().max(100).optional().describe('part of name or topic') }),
  output: wholeTableOutput,
  run: async (input, context: Context) => {
    const wanted = input.search?.replace(/^#/, '').toLowerCase() ?? '';
    const { connection } = context;
    const options = callOptions(context);
    const all: Channel[] = [];
    for (const channel of await connection.directory.all(options))
      if (await connection.mayList(channel.id, options)) all.push(channel);
    const found = all
      .filter((channel) => `${channel.name}\n${topicOf(channel)}`.toLowerCase().includes(wanted))
      .toSorted((a, b) => Number(b.is_member) - Number(a.is_member) || a.name.localeCompare(b.name));
    const shown = found.slice(0, most);
    const lines = shown.map(describeChannel);
    const more = found.length - shown.length;
    if (more > 0) lines.push(`${more} more: narrow it with search.`);
    const columns = {
      id: 'text',
      name: 'text',
      member: 'boolean',
      private: 'boolean',
      external: 'boolean',
      members: 'integer',
      topic: 'text',
    };
    const rows = shown.map((channel) => [
      channel.id,
      channel.name,
      channel.is_member,
      channel.is_private,
      channel.is_ext_shared,
      channel.num_members ?? null,
      topicOf(channel),
    ]);
    return {
      structured: { ...table(columns, rows, ''), truncated: more > 0 },
      text: lines.length === 0 ? 'No channel matches.' : lines.join('\n'),
    };
  },
});

function topicOf(channel: Channel): string {
  return channel.topic?.value ?? '';
}

function describeChannel(channel: Channel): string {
  const facts = [
    ...(channel.is_member ? ['app is in it'] : []),
    ...(channel.is_private ? ['private'] : []),
    ...(channel.is_ext_shared ? ['shared with another company'] : []),
    `${channel.num_members ?? '?'} members`,
  ];
  const topic = topicOf(channel);
  return `#${channel.name} ${channel.id} (${facts.join(', ')})${topic === '' ? '' : `: ${topic}`}`;
}
