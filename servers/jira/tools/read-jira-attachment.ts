import * as z from 'zod';
import { defineTool, type ToolContext } from '../../kit/define-tool.ts';
import { ToolError } from '../../kit/errors.ts';
import { decodeFile, pageOf, requireReadable } from '../../kit/file-text.ts';
import { issueKeySchema } from '../client/keys.ts';
import { requireIssue, type JiraConnection } from '../connection.ts';
import { findAttachment } from '../issue/attachments.ts';
import { shortText } from './arguments.ts';

export default defineTool({
  name: 'read_jira_attachment',
  title: 'Read Jira attachment',
  description: 'The text of a file attached to an issue.',
  input: z.strictObject({
    issue_key: issueKeySchema,
    attachment: shortText.describe('file name or id'),
    offset: z.int().min(0).default(0).describe('next_offset'),
  }),
  output: z.object({
    id: z.string(),
    filename: z.string(),
    media_type: z.string(),
    size: z.int(),
    text: z.string(),
    next_offset: z.int().optional(),
  }),
  run: async (input, context: ToolContext<JiraConnection>) => {
    const { connection } = context;
    const api = await connection.open(context);
    const { key, fields } = await requireIssue(input.issue_key, ['attachment'], api, connection);
    const found = findAttachment(fields.attachment, input.attachment);
    if (found === undefined) {
      const names = fields.attachment.map(({ filename }) => filename).join(', ');
      throw new ToolError('not_found', `${key} has no attachment “${input.attachment}”.`, {
        hint: names === '' ? 'It has none.' : `It has: ${names}.`,
      });
    }
    const { id, filename, mimeType, size } = found;
    requireReadable(filename, size);
    const bytes = await api.readAttachment(found);
    requireReadable(filename, bytes.length);
    const { text, next } = pageOf(decodeFile(bytes, filename, mimeType), input.offset);
    const head = `${filename} (${mimeType}, ${bytes.length} bytes)`;
    return {
      structured: {
        id,
        filename,
        media_type: mimeType,
        size: bytes.length,
        text,
        ...(next !== undefined && { next_offset: next }),
      },
      text: [head, '', text, ...(next === undefined ? [] : [`There is more: offset ${next}`])].join('\n'),
    };
  },
});
