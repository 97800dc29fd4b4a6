import * as z from 'zod';
import type { ToolContext } from '../../kit/define-tool.ts';
import type { ConvertedText, WholeText } from '../client/jira-api.ts';
import { requireIssue, type JiraConnection } from '../connection.ts';
import { isSince } from '../tools/write-output.ts';

export const wholeTextSchema = z.object({ name: z.string(), content: z.string() });

/** The files of texts that did not fit into their fields; empty if all did. */
export function wholesOf(text: ConvertedText | undefined): WholeText[] {
  return text?.whole === undefined ? [] : [text.whole];
}

/** The attachments as preview fields. */
export function shownWholes(wholes: readonly WholeText[]) {
  const files = wholes.map(({ name, content }) => ({ filename: name, content }));
  return files.length > 1 ? { attachments: files } : { ...(files[0] !== undefined && { attachment: files[0] }) };
}

/** Attaches texts that did not fit into their fields. */
export async function attachWholes(
  key: string,
  wholes: readonly WholeText[],
  context: ToolContext<JiraConnection>,
): Promise<void> {
  for (const whole of wholes) await attachWhole(key, whole, context);
}

async function attachWhole(key: string, whole: WholeText, context: ToolContext<JiraConnection>): Promise<void> {
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
