import * as z from 'zod';
import { defineTool, type ToolContext } from '../../kit/define-tool.ts';
import type { JiraConnection } from '../connection.ts';
import { systemFieldsSchema, type Issue } from '../client/response-schemas.ts';
import { explainJql } from '../issue/jql.ts';
import { tableOutput, tableText } from './table-output.ts';

const columns = ['key', 'type', 'status', 'priority', 'assignee', 'labels', 'updated', 'summary'] as const;
const wantedFields = ['project', 'issuetype', 'status', 'priority', 'assignee', 'labels', 'updated', 'summary'];

export default defineTool({
  name: 'search_jira_issues',
  title: 'Search Jira issues',
  description: 'Finds issues by JQL. Changes of the last seconds may be missing.',
  input: z.strictObject({
    jql: z.string().trim().min(1).describe('e.g. project = ENG AND status != Done ORDER BY created DESC'),
    max_results: z.int().min(1).max(100).default(10),
    page_token: z.string().optional().describe('next_page_token of the last page'),
  }),
  output: tableOutput.extend({ next_page_token: z.string().optional() }),
  run: async (input, context: ToolContext<JiraConnection>) => {
    const { connection } = context;
    const api = await connection.open(context);
    const page = await explainJql(
      api.search({
        jql: context.redact(input.jql),
        fields: wantedFields,
        limit: input.max_results,
        pageToken: input.page_token,
      }),
    );
    const rows = page.issues.flatMap((issue) => toRow(issue, connection));
    const token = page.nextPageToken;
    const notes = [
      rows.length === 0 ? 'No issues found.' : tableText(columns, rows),
      ...(token === undefined ? [] : [`There are more: page_token=${token}`]),
      // Always shown and without a number, because a count would reveal hidden issues.
      ...(connection.settings.allowedProjects === undefined
        ? []
        : [`Only issues of ${[...connection.settings.allowedProjects].join(', ')} are shown.`]),
    ];
    return {
      structured: {
        columns: columns.map((name) => ({ name, type: name === 'updated' ? 'timestamptz' : 'text' })),
        rows,
        row_count: rows.length,
        truncated: token !== undefined,
        ...(token !== undefined && { next_page_token: token }),
      },
      text: notes.join('\n'),
    };
  },
});

/** Drops issues outside the allowed projects, whatever the JQL was. */
function toRow(issue: Issue, connection: JiraConnection): unknown[][] {
  const fields = systemFieldsSchema.parse(issue.fields);
  if (fields.project === undefined || !connection.isAllowed(fields.project.key)) return [];
  return [
    [
      issue.key,
      fields.issuetype?.name ?? null,
      fields.status?.name ?? null,
      fields.priority?.name ?? null,
      fields.assignee?.displayName ?? null,
      fields.labels.join(' '),
      fields.updated,
      fields.summary,
    ],
  ];
}
