import * as z from 'zod';
import { defineTool, type ToolContext } from '../../kit/define-tool.ts';
import { issueKeySchema } from '../client/keys.ts';
import { requireIssue, type JiraConnection } from '../connection.ts';
import { isSince, writeOutput, written } from './write-output.ts';

const input = z.strictObject({
  issue_key: issueKeySchema,
  filename: z
    .string()
    .trim()
    .min(1)
    .refine(
      (name) => !/[/\\\p{C}]/u.test(name) && !/^\.+$/.test(name) && name.length <= 200,
      'must be a plain file name of at most 200 characters, such as orders.csv',
    )
    .describe('e.g. orders.csv'),
  content: z
    .string()
    .min(1)
    .refine((text) => text.length <= 2_000_000, 'must be at most 2000000 characters')
    .describe('its text'),
  media_type: z
    .string()
    .refine((type) => /^[\w.+-]+\/[\w.+-]+$/.test(type), 'must be a media type, such as text/csv')
    .optional(),
});

type Input = z.infer<typeof input>;
type Context = ToolContext<JiraConnection>;

const mediaTypes: ReadonlyMap<string, string> = new Map([
  ['csv', 'text/csv'],
  ['json', 'application/json'],
  ['log', 'text/plain'],
  ['md', 'text/markdown'],
  ['sql', 'application/sql'],
  ['txt', 'text/plain'],
]);

/** What a spreadsheet would evaluate. Excludes minus, which starts negative numbers. */
const formula = /(?:^|[,;\t]|[,;\t]?")\s*[=+@](?![\d.]+(?:[,;\t"]|$))/m;
const shownLines = 20;

export default defineTool({
  name: 'attach_to_jira_issue',
  title: 'Attach to Jira issue',
  description: 'Attaches a text file, such as a CSV of evidence, given by its content.',
  limit: '20/10m',
  input,
  output: writeOutput.extend({ attachment_id: z.string() }),
  preview: async (input, context: Context) => {
    const { key, summary, file, content, warnings } = await compose(input, context);
    const lines = content.split('\n');
    const more = lines.length > shownLines ? `\n… and ${lines.length - shownLines} more lines` : '';
    const shown = lines.slice(0, shownLines).join('\n') + more;
    const fence = '`'.repeat(Math.max(3, ...[...shown.matchAll(/`+/g)].map(([run]) => run.length + 1)));
    return {
      title: `Attach ${file.name} to ${key}`,
      destination: { id: key, name: `${key} ${summary}` },
      body: `${fence}\n${shown}\n${fence}`,
      raw: JSON.stringify({ filename: file.name, media_type: file.type, content }),
      fields: [
        { label: 'File', value: file.name, argument: 'filename' },
        { label: 'Size', value: `${file.size} bytes` },
        { label: 'Type', value: file.type, argument: 'media_type' },
      ],
      warnings,
      duplicates: [],
      linkHosts: [],
      mentions: [],
    };
  },
  run: async (input, context) => {
    const { connection } = context;
    const { api, key, file, warnings } = await compose(input, context);
    await connection.paceWrites(key, context);
    const { id } = await context.effect({
      name: 'attach',
      result: z.object({ id: z.string() }),
      send: async () => {
        const [attached] = await api.attach(key, file);
        return { id: attached?.id ?? '' };
      },
      find: async ({ since, signal }) => {
        const again = await connection.open({ signal, progress: context.progress });
        const { fields } = await requireIssue(key, ['attachment'], again, connection);
        const found = fields.attachment.find(
          ({ filename, size, created }) => filename === file.name && size === file.size && isSince(created, since),
        );
        return found === undefined ? undefined : { id: found.id };
      },
      whereToLook: `Look at the attachments of ${connection.issueUrl(key)} before trying again.`,
    });
    const url = connection.issueUrl(key);
    const said = `Attached ${file.name} (${file.size} bytes) to ${key}: ${url}`;
    return written({ key, url, said, warnings, more: { attachment_id: id } });
  },
});

async function compose(input: Input, context: Context) {
  const api = await context.connection.open(context);
  const { key, fields } = await requireIssue(input.issue_key, ['summary'], api, context.connection);
  const content = context.redact(input.content);
  const extension = input.filename.slice(input.filename.lastIndexOf('.') + 1).toLowerCase();
  const type = input.media_type ?? mediaTypes.get(extension) ?? 'text/plain';
  const file = new File([content], context.redact(input.filename), { type });
  const isTable = type === 'text/csv' || type === 'text/tab-separated-values';
  const warnings =
    isTable && formula.test(content) ? ['Some cells start like formulas. A spreadsheet would evaluate them.'] : [];
  return { api, key, summary: fields.summary, file, content, warnings };
}
