import * as z from 'zod';
import { ToolError } from '../../kit/errors.ts';
import { requireIssue } from '../connection.ts';
import { findTransition, statusAfter } from '../issue/find-transition.ts';
import { nothingElse, type Context, type Undo } from './undo.ts';

export const withdrawalSchema = z.strictObject({ created: z.literal(true) });

/** Deletes a ticket of this account. Closes it if that is not allowed, or if others work on it. */
export const withdrawal: Undo<z.infer<typeof withdrawalSchema>> = {
  preview: async (issueKey, _, context) => {
    const { key, summary, status, close, why } = await compose(issueKey, context);
    return {
      ...nothingElse,
      title: close === undefined ? `Delete ${key}` : `Close ${key}`,
      destination: { id: key, name: `${key} ${summary}` },
      body: close === undefined ? 'The issue is deleted with everything in it. Jira cannot bring it back.' : '',
      raw: JSON.stringify(close === undefined ? { delete: key } : { transition: { id: close.id } }),
      fields: [
        { label: 'Current status', value: status },
        ...(close === undefined ? [] : [{ label: 'Status after', value: statusAfter(close) }]),
      ],
      warnings: why === undefined ? [] : [why],
    };
  },
  run: async (issueKey, _, context) => {
    const { connection } = context;
    const url = connection.issueUrl(issueKey);
    const api = await connection.open(context);
    // Stored in the ledger: after a lost response there is nothing left to decide by.
    const chosen = await context.effect({
      name: 'choose',
      result: z.object({ key: z.string(), close: z.string().optional(), status: z.string().optional() }),
      send: async () => {
        const { key, close } = await compose(issueKey, context);
        return close === undefined ? { key } : { key, close: close.id, status: statusAfter(close) };
      },
      find: 'repeatable',
      whereToLook: '',
    });
    const { key, close: id, status } = chosen;
    await connection.paceWrites(key, context);
    await context.effect({
      name: 'withdraw',
      result: z.object({}),
      send: async () => {
        if (id !== undefined) await api.transition(key, { id, fields: {}, comment: undefined, properties: [] });
        else await api.deleteIssue(key);
        return {};
      },
      find: async ({ signal }) => {
        const again = await connection.open({ signal, progress: context.progress });
        try {
          const { fields } = await requireIssue(key, ['status'], again, connection);
          return id !== undefined && fields.status?.name === status ? {} : undefined;
        } catch (error) {
          if (id === undefined && error instanceof ToolError && error.code === 'not_found') return {};
          throw error;
        }
      },
      whereToLook: `Look whether ${url} is still there.`,
    });
    return { said: id === undefined ? `Deleted ${key}` : `Closed ${key}: it is ${status}`, warnings: [] };
  },
};

async function compose(issueKey: string, context: Context) {
  const { connection } = context;
  const api = await connection.open(context);
  const wanted = ['summary', 'status', 'creator', 'subtasks'];
  const { key, fields } = await requireIssue(issueKey, wanted, api, connection);
  const me = (await api.currentUser()).id;
  if (fields.creator?.id !== me) throw new ToolError('forbidden', 'Only a ticket that this account created can go.');
  const status = fields.status?.name ?? 'unknown';
  const { comments } = await api.comments(key, 50);
  const others = comments.some(({ author }) => author?.id !== me);
  const why = others
    ? 'Others have commented on it, so it is closed and not deleted.'
    : fields.subtasks.length > 0
      ? 'It has sub-tasks, so it is closed and not deleted.'
      : (await api.mayDelete(key))
        ? undefined
        : 'The account may not delete it, so it is closed.';
  const close = why === undefined ? undefined : await findTransition(key, status, 'close', api);
  return { key, summary: fields.summary, status, close, why };
}
