import * as z from 'zod';
import { defineTool, type ToolContext } from '../../kit/define-tool.ts';
import { ToolError } from '../../kit/errors.ts';
import type { JiraApi } from '../client/jira-api.ts';
import { issueKeySchema } from '../client/keys.ts';
import type { SystemFields, User } from '../client/response-schemas.ts';
import { requireIssue, type JiraConnection } from '../connection.ts';
import { showCustomFields } from '../issue/custom-fields.ts';
import { accountIds, showComment, showFields } from '../issue/show-issue.ts';

/** All fields except those with their own page. Custom fields have no fixed names to list. */
const wantedFields = ['*all', '-comment', '-worklog'];

export default defineTool({
  name: 'get_jira_issue',
  title: 'Get Jira issue',
  description:
    'Reads one issue: fields, description as Markdown, links, sub-tasks, attachments, watchers, account ids and the newest comments.',
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
    const watchers = await readWatchers(key, fields, api);
    const newest = page.comments.toReversed();
    const people = [fields.assignee, fields.reporter, ...newest.map(({ author }) => author), ...watchers];
    const shown = {
      key,
      url: connection.issueUrl(key),
      ...showFields(fields, api, connection),
      watchers: watchers.map(({ displayName }) => displayName),
      custom: showCustomFields(issue, api),
      account_ids: accountIds(people),
    };
    const comments = newest.map((comment) => showComment(comment, api));
    return {
      structured: { issue: shown, comments },
      text: [describe(shown), describeComments(comments, page.total)].filter((part) => part !== '').join('\n\n'),
    };
  },
});

/** Empty if the account may not see them, because the rest of the issue is still useful. */
async function readWatchers(key: string, { watches }: SystemFields, api: JiraApi): Promise<User[]> {
  if ((watches?.watchCount ?? 0) === 0) return [];
  try {
    return await api.watchers(key);
  } catch (error) {
    if (error instanceof ToolError && ['forbidden', 'not_found', 'upstream_error'].includes(error.code)) return [];
    throw error;
  }
}

type Shown = ReturnType<typeof showFields> & {
  key: string;
  url: string;
  watchers: string[];
  custom: Record<string, string>;
  account_ids: Record<string, string>;
};

function describe(issue: Shown): string {
  const { key, url, summary, description, environment, links, subtasks, attachments, custom, ...others } = issue;
  const { account_ids: ids, ...rest } = others;
  // Added in order, because custom fields may share a name.
  const facts = [...Object.entries(rest), ...Object.entries(custom)]
    .filter(([, value]) => value !== null && value.length > 0)
    .map(([name, value]) => `${name}: ${Array.isArray(value) ? value.join(', ') : value}`);
  const people = Object.entries(ids).map(([name, id]) => `${name} ${id}`);
  return [
    `${key} ${summary}`,
    url,
    facts.join('; '),
    ...(people.length === 0 ? [] : [`account ids: ${people.join(', ')}`]),
    ...links.map(({ relation, key, summary, status }) => `${relation} ${key} (${status ?? 'no status'}) ${summary}`),
    ...subtasks.map(({ key, summary, status }) => `sub-task ${key} (${status ?? 'no status'}) ${summary}`),
    ...attachments.map(({ filename, size }) => `attachment: ${filename} (${size} bytes)`),
    ...(environment === '' ? [] : [`environment: ${environment}`]),
    ...(description === '' ? [] : ['', description]),
  ].join('\n');
}

function describeComments(comments: readonly ReturnType<typeof showComment>[], total: number): string {
  if (comments.length === 0) return '';
  const head = total > comments.length ? `The newest ${comments.length} of ${total} comments:` : 'Comments:';
  const lines = comments.map(
    ({ author, created, visible_to: audience, body }) =>
      `--- ${author}, ${created}${audience === undefined ? '' : ` (${audience})`}\n${body}`,
  );
  return [head, ...lines].join('\n');
}
