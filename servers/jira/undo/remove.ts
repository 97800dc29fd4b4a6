import * as z from 'zod';
import { ToolError } from '../../kit/errors.ts';
import type { JiraApi } from '../client/jira-api.ts';
import type { User } from '../client/response-schemas.ts';
import { requireIssue } from '../connection.ts';
import { nothingElse, type Context, type Undo } from './undo.ts';

const id = z.string().regex(/^\d{1,20}$/, 'must be a number');

export const removalSchema = z.union([
  z.strictObject({ comment_id: id }),
  z.strictObject({ attachment_id: id }),
  z.strictObject({ link_id: id }),
]);

type Removal = z.infer<typeof removalSchema>;

interface Target {
  readonly kind: 'comment' | 'attachment' | 'link';
  readonly id: string;
}

/** Deletes a comment or a file of this account, or a link. */
export const removal: Undo<Removal> = {
  preview: async (issueKey, change, context) => {
    const target = targetOf(change);
    const { key, summary, title, body } = await find(target, issueKey, context);
    const { kind } = target;
    return {
      ...nothingElse,
      title,
      destination: { id: key, name: `${key} ${summary}` },
      body,
      raw: JSON.stringify({ delete: kind, id: target.id }),
      fields: [],
    };
  },
  run: async (issueKey, change, context) => {
    const { connection } = context;
    const target = targetOf(change);
    const api = await connection.open(context);
    await connection.paceWrites(issueKey, context);
    await context.effect({
      name: 'remove',
      result: z.object({}),
      send: async () => {
        try {
          await removers[target.kind](api, issueKey, target.id);
        } catch (error) {
          // It is already gone, as requested.
          if (!(error instanceof ToolError) || error.code !== 'not_found') throw error;
        }
        return {};
      },
      find: 'repeatable',
      whereToLook: `Look at ${connection.issueUrl(issueKey)}.`,
    });
    return { said: `Removed the ${target.kind} from ${issueKey}`, warnings: [] };
  },
};

const removers: Readonly<Record<Target['kind'], (api: JiraApi, key: string, id: string) => Promise<void>>> = {
  comment: (api, key, id) => api.deleteComment(key, id),
  attachment: (api, _, id) => api.deleteAttachment(id),
  link: (api, _, id) => api.deleteLink(id),
};

function targetOf(change: Removal): Target {
  if ('comment_id' in change) return { kind: 'comment', id: change.comment_id };
  if ('attachment_id' in change) return { kind: 'attachment', id: change.attachment_id };
  return { kind: 'link', id: change.link_id };
}

/** Only what is in this issue, because the id alone would reach any other. @throws ToolError if it is gone, or another's. */
async function find({ kind, id: wanted }: Target, issueKey: string, context: Context) {
  const { connection } = context;
  const api = await connection.open(context);
  const { key, fields } = await requireIssue(issueKey, ['summary', 'attachment', 'issuelinks'], api, connection);
  const missing = new ToolError('not_found', `There is no ${kind} ${wanted} in ${key}: it was removed already.`);
  const found = { key, summary: fields.summary };
  if (kind === 'comment') {
    const { author, body } = await api.comment(key, wanted);
    await requireOwn(author, api);
    return { ...found, title: `Delete a comment on ${key}`, body: api.text.toMarkdown(body) };
  }
  if (kind === 'attachment') {
    const file = fields.attachment.find((each) => each.id === wanted);
    if (file === undefined) throw missing;
    await requireOwn(file.author, api);
    return { ...found, title: `Delete ${file.filename} from ${key}`, body: `${file.size} bytes` };
  }
  const link = fields.issuelinks.find((each) => each.id === wanted);
  if (link === undefined) throw missing;
  const { type, outwardIssue, inwardIssue } = link;
  const relation = outwardIssue === undefined ? type.inward : type.outward;
  const body = `${key} ${relation} ${(outwardIssue ?? inwardIssue)?.key ?? ''}`;
  return { ...found, title: `Remove a link of ${key}`, body };
}

async function requireOwn(author: User | undefined, api: JiraApi): Promise<void> {
  if (author?.id !== (await api.currentUser()).id)
    throw new ToolError('forbidden', 'Only what this account added can be removed.');
}
