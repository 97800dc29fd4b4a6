import * as z from 'zod';
import { defineTool, type ToolContext } from '../../kit/define-tool.ts';
import { projectKeySchema } from '../client/keys.ts';
import type { JiraConnection } from '../connection.ts';
import { listOptions } from '../issue/options.ts';
import { requireIssueType } from '../issue/issue-type.ts';
import { shortText } from './arguments.ts';
import { tableOutput, tableText } from './table-output.ts';

const columns = ['field', 'id', 'type', 'required', 'allowed'] as const;

export default defineTool({
  name: 'get_jira_create_fields',
  title: 'Get Jira create fields',
  description: 'Lists required and optional fields of a project and issue type, with allowed values.',
  input: z.strictObject({ project_key: projectKeySchema, issue_type: shortText }),
  output: tableOutput,
  run: async (input, context: ToolContext<JiraConnection>) => {
    const { connection } = context;
    const api = await connection.open(context);
    const type = await requireIssueType(input.project_key, input.issue_type, api, connection);
    const fields = await connection.createFields(api, input.project_key, type.id);
    const rows = fields
      .filter(({ id }) => id !== 'project' && id !== 'issuetype')
      .map((field) => {
        const { type, items } = field.schema;
        const kind = type === 'array' ? `list of ${items ?? 'values'}` : type;
        return [field.name, field.id, kind, field.required && !field.hasDefaultValue, listOptions(field)];
      })
      .toSorted((a, b) => Number(b[3]) - Number(a[3]));
    return {
      structured: {
        columns: columns.map((name) => ({ name, type: name === 'required' ? 'boolean' : 'text' })),
        rows,
        row_count: rows.length,
        truncated: false,
      },
      text: tableText(columns, rows),
    };
  },
});
