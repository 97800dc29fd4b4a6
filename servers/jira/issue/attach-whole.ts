import * as z from 'zod';
import { ToolError } from '../../kit/errors.ts';
import type { ToolContext } from '../../kit/define-tool.ts';
import type { ConvertedText } from '../client/jira-api.ts';
import { requireIssue, type JiraConnection } from '../connection.ts';
import { isSince } from '../tools/write-output.ts';

/** As it stands in a preview, beside what else is sent. */
export function shownWhole({ whole }: ConvertedText): { attachment?: { filename: string; content: string } } {
  return whole === undefined ? {} : { attachment: { filename: whole.name, content: whole.content } };
}

/** Attaches a text that had no room in its field, where there is one. */
export async function attachWhole(
  key: string,
  { whole }: ConvertedText,
  context: ToolContext<JiraConnection>,
): Promise<void> {
  if (whole === undefined) return;
  const { connection, progress } = context;
  const file = new File([whole.content], whole.name, { type: 'text/markdown' });
  await connection.paceWrites(key, context);
  await context.effect({
    name: `attach ${whole.name}`,
    result: z.object({ id: z.string() }),
    send: async () => {
      const [attached] = await (await connection.open(context)).attach(key, file);
      return { id: attached?.id ?? '' };
    },
    find: async ({ since, signal }) => {
      const { fields } = await requireIssue(
        key,
        ['attachment'],
        await connection.open({ signal, progress }),
        connection,
      );
      const found = fields.attachment.find(
        ({ filename, size, created }) => filename === file.name && size === file.size && isSince(created, since),
      );
      return found === undefined ? undefined : { id: found.id };
    },
    whereToLook: `Look at the attachments of ${connection.issueUrl(key)}.`,
  });
}

/** Where there is no issue yet, or no second request, that could take the rest. @throws ToolError `too_large` */
export function requireWhole(text: ConvertedText, field: string): ConvertedText {
  if (text.whole === undefined) return text;
  const { length, limit } = text.whole;
  throw new ToolError('too_large', `'${field}' is too long for Jira: ${length} characters, at most ${limit}.`, {
    hint: 'Shorten it, and put long data into a file with attach_to_jira_issue.',
    details: { field, length, limit },
  });
}
