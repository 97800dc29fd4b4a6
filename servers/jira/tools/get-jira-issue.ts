import * as z from 'zod';
import { defineTool, type ToolContext } from '../../kit/define-tool.ts';
import { issueKeySchema, projectOfKey } from '../client/keys.ts';
import type { JiraApi } from '../client/jira-api.ts';
import type { Comment, SystemFields } from '../client/shapes.ts';
import { requireIssue, type JiraConnection } from '../connection.ts';
import { showCustomFields } from '../issue/custom-fields.ts';

/** All but what has a page of its own; custom fields have no names that could be listed. */
const wantedFields = ['*all', '-comment', '-worklog'];

/** Of what is shown; whoever needs all of it opens the issue. */
const longestDescription = 20_000;
const longestComment = 4_000;

export default defineTool({
  name: 'get_jira_issue',
  title: 'Get Jira issue',
  description: 'Reads one issue: fields, description as Markdown, links, attachments and the newest comments.',
  risk: 'read',
  input: z.strictObject({
    issue_key: issueKeySchema.describe('e.g. ENG-42'),
    comments: z.int().min(0).max(100).default(5).describe('how many of the newest'),
  }),
  output: z.object({ issue: z.record(z.string(), z.unknown()), comments: z.array(z.record(z.string(), z.unknown())) }),
  run: async (input, context: ToolContext<JiraConnection>) => {
    const { connection } = context;
    const api = await connection.open(context);
    const { key, fields, issue } = await requireIssue(input.issue_key, wantedFields, api, connection);
    const page = input.comments === 0 ? { comments: [], total: 0 } : await api.comments(key, input.comments);
    const shown = {
      key,
      url: connection.issueUrl(key),
      ...showFields(fields, api, connection),
      custom: showCustomFields(issue, api),
    };
    const comments = page.comments.toReversed().map((comment) => showComment(comment, api));
    return {
      structured: { issue: shown, comments },
      text: [describe(shown), describeComments(comments, page.total)].filter((part) => part !== '').join('\n\n'),
    };
  },
});

function showFields(fields: SystemFields, api: JiraApi, connection: JiraConnection) {
  const { parent } = fields;
  return {
    summary: fields.summary,
    type: fields.issuetype?.name ?? null,
    status: fields.status?.name ?? null,
    priority: fields.priority?.name ?? null,
    resolution: fields.resolution?.name ?? null,
    assignee: fields.assignee?.displayName ?? null,
    reporter: fields.reporter?.displayName ?? null,
    labels: fields.labels,
    components: fields.components.map(({ name }) => name),
    fix_versions: fields.fixVersions.map(({ name }) => name),
    created: fields.created,
    updated: fields.updated,
    parent: parent !== null && parent !== undefined && isVisible(parent.key, connection) ? parent.key : null,
    links: showLinks(fields, connection),
    attachments: fields.attachment.map(({ filename, size }) => ({ filename, size })),
    description: cut(api.text.toMarkdown(fields.description), longestDescription),
  };
}

function cut(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length)}… (${text.length - length} more characters)` : text;
}

/** Issues of other projects stay out of sight also where an allowed one mentions them. */
function isVisible(issueKey: string, connection: JiraConnection): boolean {
  return connection.isAllowed(projectOfKey(issueKey));
}

function showLinks(fields: SystemFields, connection: JiraConnection) {
  return fields.issuelinks.flatMap(({ type, inwardIssue, outwardIssue }) => {
    const other = outwardIssue ?? inwardIssue;
    if (other === undefined || !isVisible(other.key, connection)) return [];
    const relation = outwardIssue === undefined ? type.inward : type.outward;
    return [{ relation, key: other.key, summary: other.fields.summary, status: other.fields.status?.name ?? null }];
  });
}

function showComment({ id, author, created, body }: Comment, api: JiraApi) {
  return {
    id,
    author: author?.displayName ?? 'somebody',
    created: created ?? '',
    body: cut(api.text.toMarkdown(body), longestComment),
  };
}

function describe(
  issue: ReturnType<typeof showFields> & { key: string; url: string; custom: Record<string, string> },
): string {
  const { key, url, summary, description, links, attachments, custom, ...rest } = issue;
  const facts = Object.entries({ ...rest, ...custom })
    .filter(([, value]) => value !== null && value.length > 0)
    .map(([name, value]) => `${name}: ${Array.isArray(value) ? value.join(', ') : value}`);
  return [
    `${key} ${summary}`,
    url,
    facts.join('; '),
    ...links.map(({ relation, key, summary, status }) => `${relation} ${key} (${status ?? 'no status'}) ${summary}`),
    ...attachments.map(({ filename, size }) => `attachment: ${filename} (${size} bytes)`),
    ...(description === '' ? [] : ['', description]),
  ].join('\n');
}

function describeComments(comments: readonly ReturnType<typeof showComment>[], total: number): string {
  if (comments.length === 0) return '';
  const head = total > comments.length ? `The newest ${comments.length} of ${total} comments:` : 'Comments:';
  return [head, ...comments.map(({ author, created, body }) => `--- ${author}, ${created}\n${body}`)].join('\n');
}
