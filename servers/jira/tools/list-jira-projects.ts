import * as z from 'zod';
import { defineTool, type ToolContext } from '../../kit/define-tool.ts';
import type { JiraConnection } from '../connection.ts';
import { shortText } from './arguments.ts';
import { tableOutput, tableText } from './table-output.ts';

const columns = ['key', 'name'] as const;
const most = 100;

export default defineTool({
  name: 'list_jira_projects',
  title: 'List Jira projects',
  description: 'Lists the projects that can be used.',
  input: z.strictObject({ search: shortText.optional() }),
  output: tableOutput,
  run: async ({ search }, context: ToolContext<JiraConnection>) => {
    const { connection } = context;
    const api = await connection.open(context);
    const { projects, hasMore: truncated } = await api.listProjects({
      search: search === undefined ? undefined : context.redact(search),
      limit: most,
      isWanted: connection.isAllowed,
    });
    const rows = projects.map(({ key, name }) => [key, name]);
    return {
      structured: { columns: columns.map((name) => ({ name, type: 'text' })), rows, row_count: rows.length, truncated },
      text:
        rows.length === 0
          ? 'No projects found.'
          : tableText(columns, rows) + (truncated ? '\nThere are more: use search.' : ''),
    };
  },
});
