import * as z from 'zod';
import { defineTool, type ToolContext } from '../../kit/define-tool.ts';
import { signatureOf } from '../../kit/caller/caller.ts';
import { ToolError } from '../../kit/errors.ts';
import { issueKeySchema } from '../client/keys.ts';
import type { JiraApi, RichValue } from '../client/jira-api.ts';
import type { Transition } from '../client/response-schemas.ts';
import { commentAudience, requireIssue, type JiraConnection } from '../connection.ts';
import { attachWholes, shownWholes, wholesOf, wholeTextSchema } from '../issue/attach-whole.ts';
import { findTransition, statusAfter } from '../issue/find-transition.ts';
import { internalComment } from '../issue/mark.ts';
import { givenFields, readValues, requireComplete, type IssueValues } from '../issue/values.ts';
import { redactDeep } from '../../contract/redact.ts';
import { fieldMap, internalFlag, markdownText, shortText } from './arguments.ts';
import { isSince, undoData, writeOutput, written } from './write-output.ts';

const input = z.strictObject({
  issue_key: issueKeySchema,
  transition: shortText.describe('its name, the status it leads to, or "close"'),
  comment: markdownText.trim().min(1).optional().describe('Markdown'),
  internal: internalFlag,
  fields: fieldMap.describe('of its screen, e.g. Resolution'),
});

const newestComments = 20;

type Input = z.infer<typeof input>;
type Context = ToolContext<JiraConnection>;

export default defineTool({
  name: 'transition_jira_issue',
  title: 'Transition Jira issue',
  description: 'Moves an issue to another status.',
  limit: '20/10m',
  input,
  output: writeOutput.extend({
    status: z.string(),
    comment_id: z.string().optional(),
    undo: undoData,
  }),
  preview: async (input, context: Context) => {
    const { api, key, status, summary, audience } = await open(input, context);
    const transition = await findTransition(key, status, input.transition, api);
    const comment = convertComment(input, api, context);
    const values = await readFields(transition, key, input, api, context);
    return {
      title: `Move ${key} to ${statusAfter(transition)}`,
      destination: { id: key, name: `${key} ${summary}`, ...(comment !== undefined && audience) },
      body: comment === undefined ? '' : api.text.toMarkdown(comment.value),
      raw: JSON.stringify({
        transition: { id: transition.id },
        ...(Object.keys(values.fields).length > 0 && { fields: values.fields }),
        ...(comment !== undefined && {
          comment: comment.value,
          ...(input.internal && { properties: [internalComment] }),
        }),
        ...shownWholes([...wholesOf(comment), ...values.wholes]),
      }),
      fields: [
        { label: 'Current status', value: status },
        { label: 'Transition', value: transition.name, argument: 'transition' },
        ...values.shown,
        ...(input.internal ? [{ label: 'Internal', value: 'yes', argument: 'internal' }] : []),
      ],
      warnings: [...(comment?.warnings ?? []), ...values.warnings],
      duplicates: [],
      linkHosts: comment?.linkHosts ?? [],
      mentions: [],
    };
  },
  run: async (input, context) => {
    const { connection } = context;
    const { api, key, status } = await open(input, context);
    const comment = convertComment(input, api, context);
    // Stored in the ledger, because after the transition it is no longer offered.
    const chosen = await context.effect({
      name: 'choose',
      result: z.object({
        id: z.string(),
        from: z.string(),
        to: z.string(),
        fields: z.record(z.string(), z.unknown()).default({}),
        warnings: z.array(z.string()).default([]),
        wholes: z.array(wholeTextSchema).default([]),
        since: z.string().default(''),
      }),
      send: async () => {
        const transition = await findTransition(key, status, input.transition, api);
        const { fields, warnings, wholes } = await readFields(transition, key, input, api, context);
        const since = new Date().toISOString();
        return { id: transition.id, from: status, to: statusAfter(transition), fields, warnings, wholes, since };
      },
      find: 'repeatable',
      whereToLook: '',
    });
    await connection.paceWrites(key, context);
    await context.effect({
      name: 'transition',
      result: z.object({}),
      send: async () => {
        const properties = input.internal ? [internalComment] : [];
        await api.transition(key, { id: chosen.id, fields: chosen.fields, comment: comment?.value, properties });
        return {};
      },
      find: async ({ signal }) => {
        // A transition to the same status leaves no trace.
        if (chosen.from === chosen.to) return undefined;
        const again = await connection.open({ signal, progress: context.progress });
        const { fields } = await requireIssue(key, ['status'], again, connection);
        return fields.status?.name === chosen.to ? {} : undefined;
      },
      whereToLook: `Look at the status of ${connection.issueUrl(key)}.`,
    });
    await attachWholes(key, [...wholesOf(comment), ...chosen.wholes], context);
    const commentId = comment === undefined ? undefined : await findComment(key, comment.value, chosen.since, context);
    const url = connection.issueUrl(key);
    const said = `${key} is ${chosen.to}: ${url}`;
    const warnings = [...(comment?.warnings ?? []), ...chosen.warnings];
    return written({
      key,
      url,
      said,
      warnings,
      more: { status: chosen.to, ...(commentId !== undefined && { comment_id: commentId }), ...moved(chosen) },
    });
  },
});

/** Jira does not say which comment came with a transition. Without it, only the comment cannot be taken back. */
async function findComment(key: string, body: RichValue, since: string, context: Context): Promise<string | undefined> {
  try {
    const api = await context.connection.open(context);
    const wanted = api.text.toMarkdown(body);
    const { comments } = await api.comments(key, newestComments);
    const found = comments.filter(
      ({ body: text, created }) => isSince(created, new Date(since)) && api.text.toMarkdown(text) === wanted,
    );
    return found.toSorted((a, b) => Date.parse(b.created ?? '') - Date.parse(a.created ?? ''))[0]?.id;
  } catch (error) {
    context.log('warn', 'the comment was not found again', { error: error instanceof Error ? error.message : '' });
    return undefined;
  }
}

/** A transition to the same status leaves nothing to take back. */
function moved({ from, to }: { readonly from: string; readonly to: string }) {
  return from === to ? {} : { undo: { status: { from, to } } };
}

async function open(input: Input, context: Context) {
  const api = await context.connection.open(context);
  const { key, fields } = await requireIssue(input.issue_key, ['status', 'summary'], api, context.connection);
  const status = fields.status?.name ?? 'unknown';
  if (input.internal && input.comment === undefined)
    throw new ToolError('invalid_arguments', "'internal' applies to a comment, and there is none.");
  return { api, key, status, summary: fields.summary, audience: commentAudience(fields, input.internal) };
}

function convertComment(input: Input, api: JiraApi, context: Context) {
  if (input.comment === undefined) return undefined;
  const signature = signatureOf('Written', context.call.onBehalfOf, input.comment);
  return api.text.fromMarkdown(context.redact(input.comment), 'comment', { signature });
}

/** The values for the transition's screen. @throws ToolError for missing required fields. */
async function readFields(
  { name, fields }: Transition,
  key: string,
  input: Input,
  api: JiraApi,
  { connection, redact }: Context,
): Promise<IssueValues> {
  const screen = Object.entries(fields).map(([id, field]) => ({ ...field, id }));
  const asked = Object.keys(input.fields ?? {});
  if (screen.length === 0 && asked.length > 0)
    throw new ToolError(
      'invalid_arguments',
      `'fields': the transition “${name}” has no screen, so it accepts no fields.`,
      {
        hint: 'Set them with update_jira_issue.',
      },
    );
  const values = await readValues(
    givenFields(redactDeep(input.fields ?? {}, redact), screen, ['comment'], 'screen'),
    screen,
    {
      api,
      where: { issueKey: key },
      requireIssue: async (other) => (await requireIssue(other, [], api, connection)).key,
    },
  );
  requireComplete({ ...values.fields, ...(input.comment !== undefined && { comment: input.comment }) }, screen);
  return values;
}
