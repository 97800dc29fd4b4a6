import * as z from 'zod';
import { defineTool, type ToolContext } from '../../kit/define-tool.ts';
import { signatureOf } from '../../kit/caller/caller.ts';
import { issueKeySchema } from '../client/keys.ts';
import type { JiraApi } from '../client/jira-api.ts';
import type { Comment } from '../client/response-schemas.ts';
import { commentAudience, requireIssue, type JiraConnection } from '../connection.ts';
import { attachWholes, shownWholes, wholesOf } from '../issue/attach-whole.ts';
import { convertWithImages, showsImage } from '../issue/embedded-images.ts';
import { internalComment, markOf, markProperty, propertyName } from '../issue/mark.ts';
import { findMentioned } from '../issue/people.ts';
import { internalFlag, markdownText, mentionList } from './arguments.ts';
import { isSince, writeOutput, written } from './write-output.ts';

const input = z.strictObject({
  issue_key: issueKeySchema,
  body: markdownText.trim().min(1).describe('Markdown'),
  mentions: mentionList,
  internal: internalFlag.describe('service projects: hidden from customers'),
});

type Input = z.infer<typeof input>;
type Context = ToolContext<JiraConnection>;

export default defineTool({
  name: 'add_jira_comment',
  title: 'Add Jira comment',
  description: 'Comments on an issue.',
  limit: '20/10m',
  input,
  output: writeOutput.extend({ comment_id: z.string() }),
  preview: async (input, context: Context) => {
    const { api, key, summary, audience, text } = await compose(input, context);
    return {
      title: `Comment on ${key}`,
      destination: { id: key, name: `${key} ${summary}`, ...audience },
      body: api.text.toMarkdown(text.value),
      raw: JSON.stringify({
        body: text.value,
        ...(input.internal && { properties: [internalComment] }),
        ...shownWholes(wholesOf(text)),
      }),
      fields: input.internal ? [{ label: 'Internal', value: 'yes', argument: 'internal' }] : [],
      warnings: [...text.warnings],
      duplicates: await sameComments(key, api.text.toMarkdown(text.value), api, context.connection),
      linkHosts: text.linkHosts,
      mentions: text.mentions,
    };
  },
  run: async (input, context) => {
    const { connection } = context;
    const { api, key, text } = await compose(input, context);
    await connection.paceWrites(key, context);
    const { id } = await context.effect({
      name: 'comment',
      result: z.object({ id: z.string() }),
      send: (mark) =>
        api.addComment(key, text.value, [markProperty(mark), ...(input.internal ? [internalComment] : [])]),
      find: async ({ mark, since, signal }) => {
        const { comments } = await (await connection.open({ signal, progress: context.progress })).comments(key, 50);
        const sent = api.text.toMarkdown(text.value);
        // If Jira does not return comment properties, a comment with the same text from the time of the call counts.
        const found = comments.find((comment) => markIn(comment) === mark || isSame(comment, sent, since, api));
        return found === undefined ? undefined : { id: found.id };
      },
      whereToLook: `Look at the newest comments of ${connection.issueUrl(key)} before trying again.`,
    });
    await attachWholes(key, wholesOf(text), context);
    const url = connection.issueUrl(key);
    const said = `Commented on ${key}: ${url}?focusedCommentId=${id}`;
    return written({ key, url, said, warnings: text.warnings, more: { comment_id: id } });
  },
});

async function compose(input: Input, context: Context) {
  const api = await context.connection.open(context);
  const markdown = context.redact(input.body);
  const wanted = ['summary', ...(showsImage(markdown) ? ['attachment'] : [])];
  const { key, fields } = await requireIssue(input.issue_key, wanted, api, context.connection);
  const mentions = await findMentioned(input.mentions ?? [], markdown, api);
  const signature = signatureOf('Written', context.call.onBehalfOf, markdown);
  const text = await convertWithImages(markdown, fields.attachment, api, (markdown) =>
    api.text.fromMarkdown(markdown, 'body', { mentions, signature }),
  );
  return { api, key, summary: fields.summary, audience: commentAudience(fields, input.internal), text };
}

function markIn({ properties }: Comment): string | undefined {
  return markOf(properties.find(({ key }) => key === propertyName)?.value);
}

function isSame(comment: Comment, sent: string, since: Date, api: JiraApi): boolean {
  return (
    comment.properties.length === 0 && isSince(comment.created, since) && api.text.toMarkdown(comment.body) === sent
  );
}

/** The same text among the newest comments. */
async function sameComments(key: string, wanted: string, api: JiraApi, connection: JiraConnection) {
  const { comments } = await api.comments(key, 20);
  return comments
    .filter(({ body }) => api.text.toMarkdown(body) === wanted)
    .map(({ id, author, created }) => ({
      id,
      title: `Comment of ${author?.displayName ?? 'somebody'}`,
      url: `${connection.issueUrl(key)}?focusedCommentId=${id}`,
      reason: `Same text, ${created ?? 'earlier'}`,
    }));
}
