import * as z from 'zod';
import { defineTool, type ToolContext } from '../../kit/define-tool.ts';
import type { SlackConnection } from '../connection.ts';
import { callOptions } from './posting.ts';
import { tableOutput } from './table-output.ts';

const most = 100;

export default defineTool({
  name: 'list_slack_channels',
  title: 'List Slack channels',
  description: `Channels that the app can see, at most ${most}.`,
  risk: 'read',
  input: z.strictObject({ search: z.string().trim().optional().describe('part of the name or topic') }),
  output: tableOutput,
  run: async (input, context: ToolContext<SlackConnection>) => {
    const wanted = input.search?.replace(/^#/, '').toLowerCase() ?? '';
    const all = await context.connection.directory.all(callOptions(context));
    const found = all
      .filter((channel) => `${channel.name}\n${channel.topic?.value ?? ''}`.toLowerCase().includes(wanted))
      .toSorted((a, b) => Number(b.is_member) - Number(a.is_member) || a.name.localeCompare(b.name));
    const shown = found.slice(0, most);
    const lines = shown.map((channel) => {
      const marks = [
        channel.is_member ? 'app is in it' : '',
        channel.is_private ? 'private' : '',
        channel.is_ext_shared ? 'shared with another company' : '',
      ].filter((mark) => mark !== '');
      const topic = channel.topic?.value ?? '';
      return `#${channel.name} ${channel.id} (${[...marks, `${channel.num_members ?? '?'} members`].join(', ')})${topic === '' ? '' : `: ${topic}`}`;
    });
    const truncated = shown.length < found.length;
    if (truncated) lines.push(`${found.length - shown.length} more: narrow it with search.`);
    return {
      structured: {
        columns: ['id', 'name', 'member', 'private', 'external', 'members', 'topic'].map((name) => ({
          name,
          type: name === 'members' ? 'integer' : ['member', 'private', 'external'].includes(name) ? 'boolean' : 'text',
        })),
        rows: shown.map((channel) => [
          channel.id,
          channel.name,
          channel.is_member,
          channel.is_private,
          channel.is_ext_shared,
          channel.num_members ?? null,
          channel.topic?.value ?? '',
        ]),
        row_count: shown.length,
        truncated,
      },
      text: lines.length === 0 ? 'No channel matches.' : lines.join('\n'),
    };
  },
});
