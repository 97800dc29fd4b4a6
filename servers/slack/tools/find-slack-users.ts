import * as z from 'zod';
import { defineTool } from '../../kit/define-tool.ts';
import { displayName } from '../people.ts';
import { callOptions, type Context } from './posting.ts';
import { table, wholeTableOutput } from './table-output.ts';

const most = 20;

export default defineTool({
  name: 'find_slack_users',
  title: 'Find Slack users',
  description: 'People by name or e-mail; mentions take their ids.',
  risk: 'read',
  input: z.strictObject({ query: z.string().trim().min(2).max(100) }),
  output: wholeTableOutput,
  run: async (input, context: Context) => {
    const found = await context.connection.people.search(input.query, callOptions(context));
    const shown = found.slice(0, most);
    const rows = shown.map((person) => [
      person.id,
      displayName(person),
      person.name,
      person.profile.title,
      person.is_bot,
    ]);
    const lines = rows.map(([id, name, handle, title, isBot]) =>
      `${id} ${name} (@${handle}${isBot === true ? ', app' : ''}) ${title}`.trimEnd(),
    );
    if (found.length > most) lines.push(`${found.length - most} more: give more of the name.`);
    return {
      structured: {
        ...table({ id: 'text', name: 'text', handle: 'text', title: 'text', app: 'boolean' }, rows, ''),
        truncated: found.length > most,
      },
      text: lines.length === 0 ? `Nobody in Slack matches '${input.query}'.` : lines.join('\n'),
    };
  },
});
