import * as z from 'zod';
import { defineTool, type ToolContext } from '../../kit/define-tool.ts';
import type { JiraConnection } from '../connection.ts';
import { shortText } from './arguments.ts';
import { tableOutput, tableText } from './table-output.ts';

const columns = ['name', 'email', 'id'] as const;
const most = 20;

export default defineTool({
  name: 'find_jira_users',
  title: 'Find Jira users',
  description: 'Finds people by name or email; mentions take the id.',
  input: z.strictObject({ query: shortText }),
  output: tableOutput,
  run: async ({ query }, context: ToolContext<JiraConnection>) => {
    const api = await context.connection.open(context);
    const found = (await api.findUsers(context.redact(query), most + 1)).filter(({ active }) => active);
    const rows = found
      .slice(0, most)
      .map(({ displayName, emailAddress, id }) => [displayName, emailAddress ?? null, id]);
    const truncated = found.length > most;
    return {
      structured: { columns: columns.map((name) => ({ name, type: 'text' })), rows, row_count: rows.length, truncated },
      text: rows.length === 0 ? 'No people found.' : tableText(columns, rows) + (truncated ? '\nThere are more.' : ''),
    };
  },
});
