import * as z from 'zod';
import { defineTool } from '../../kit/define-tool.ts';
import { displayName } from '../people.ts';
import { callOptions, type Context } from './write-helpers.ts';
import { table, wholeTableOutput } from './table-output.ts';

const most = 20;

export default defineTool({
  name: 'find_slack_users',
  title: 'Find Slack users',
  description: 'People by name or e-mail, and user groups; mentions take their ids.',
  input: z.strictObject({ query: z.string().trim().min(2).max(100) }),
  output: wholeTableOutput,
  run: async (input, context: Context) => {
    const { people, groups } = context.connection;
    const found = await people.search(input.query, callOptions(context));
    const shown = found.slice(0, most);
    const persons = shown.map((person) => ({
      row: [person.id, displayName(person), person.name, person.profile.title, person.is_bot],
      kind: person.is_bot ? ', app' : '',
    }));
    const matching = await groups.search(input.query, callOptions(context));
    const teams = matching.slice(0, most).map(({ id, name, handle, description, user_count: count }) => ({
      row: [id, name, handle, description, false],
      kind: `, group${count === undefined ? '' : ` of ${count}`}`,
    }));
    const rows = [...persons, ...teams].map(({ row }) => row);
    const lines = [...persons, ...teams].map(({ row: [id, name, handle, title], kind }) =>
      `${id} ${name} (@${handle}${kind}) ${title}`.trimEnd(),
    );
    if (found.length > most) lines.push(`${found.length - most} more: give a longer part of the name.`);
    return {
      structured: {
        ...table({ id: 'text', name: 'text', handle: 'text', title: 'text', app: 'boolean' }, rows, ''),
        truncated: found.length > most,
      },
      text: lines.length === 0 ? `No Slack user or group matches '${input.query}'.` : lines.join('\n'),
    };
  },
});
