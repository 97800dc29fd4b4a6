import * as z from 'zod';
import { defineTool } from '../../kit/define-tool.ts';
import { ToolError } from '../../kit/errors.ts';
import { decodeFile, pageOf, requireReadable } from '../../kit/file-text.ts';
import { callOptions, type Context } from './write-helpers.ts';

const ids = z.array(z.string()).catch([]);
const text = z.string().catch('');

const fileSchema = z.object({
  id: z.string(),
  name: text,
  title: text,
  mimetype: text,
  filetype: text,
  size: z.number().catch(0),
  is_external: z.boolean().catch(false),
  url_private: text,
  url_private_download: text,
  permalink: text,
  channels: ids,
  groups: ids,
  ims: ids,
});
type File = z.infer<typeof fileSchema>;

export default defineTool({
  name: 'read_slack_file',
  title: 'Read Slack file',
  description: 'The text of a file or canvas, by the id shown in its message.',
  scopes: ['files:read'],
  input: z.strictObject({
    file: z.string().trim().max(1000).describe('F0123456789 or link'),
    offset: z.int().min(0).default(0).describe('next_offset'),
  }),
  output: z.object({
    file: z.string(),
    name: z.string(),
    media_type: z.string(),
    size: z.int(),
    text: z.string(),
    next_offset: z.int().optional(),
  }),
  run: async (input, context: Context) => {
    const file = await findFile(input.file, context);
    const name = file.title || file.name || file.id;
    if (file.is_external)
      throw new ToolError('invalid_arguments', `${name} is not stored in Slack.`, {
        hint: `It is at ${file.permalink}`,
      });
    requireReadable(name, file.size);
    const url = file.url_private_download || file.url_private;
    const { bytes, contentType } = await context.connection.client.download(url, callOptions(context));
    const whole = isCanvas(file)
      ? await canvasText(new TextDecoder().decode(bytes))
      : decodeFile(requireFile(bytes, contentType, file), name, file.mimetype);
    const { text: page, next } = pageOf(whole, input.offset);
    const head = `${name} (${file.mimetype || file.filetype}, ${file.size} bytes)`;
    return {
      structured: {
        file: file.id,
        name,
        media_type: file.mimetype,
        size: file.size,
        text: page,
        ...(next !== undefined && { next_offset: next }),
      },
      text: [head, '', page, ...(next === undefined ? [] : [`There is more: offset ${next}`])].join('\n'),
    };
  },
});

async function findFile(wanted: string, context: Context): Promise<File> {
  // "https://shop.slack.com/files/U0123/F0123/orders.csv", ".../docs/T0123/F0123", "<https://...|orders.csv>".
  const id = /(?:^|[/<-])(F[A-Z0-9]{6,})(?:[/?#|>]|$)/.exec(wanted)?.[1];
  if (id === undefined)
    throw new ToolError('invalid_arguments', "'file': must be the id of a file such as F0123456789, or a link to it.");
  const { connection } = context;
  const options = callOptions(context);
  const { file } = await connection.client.call('files.info', { file: id }, z.object({ file: fileSchema }), options);
  for (const channel of [...file.channels, ...file.groups, ...file.ims])
    if (await connection.mayRead(channel, options)) return file;
  if (connection.readsEverything) return file;
  throw new ToolError(
    'not_allowed',
    connection.isNarrowed
      ? 'The file is not in any channel that your groups may use.'
      : 'The file is not in any channel listed in SLACK_READ_CHANNELS.',
  );
}

function isCanvas({ mimetype, filetype }: File): boolean {
  return mimetype === 'application/vnd.slack-docs' || filetype === 'quip' || filetype === 'canvas';
}

/** Slack returns a login page if the token does not give access to the file. */
function requireFile(bytes: Uint8Array, contentType: string, { mimetype, filetype }: File): Uint8Array {
  const isPage = contentType.includes('html') && !mimetype.includes('html') && filetype !== 'html';
  if (!isPage) return bytes;
  throw new ToolError('forbidden', 'Slack returned a web page instead of the file.', {
    hint: "Give the app the scope files:read, and invite it to the file's channel.",
  });
}

/** Slack stores a canvas as HTML. */
async function canvasText(html: string): Promise<string> {
  // Loaded on first use.
  const { convert } = await import('html-to-text');
  const headings = ['h1', 'h2', 'h3', 'h4', 'h5', 'h6'];
  return convert(html, {
    wordwrap: false,
    selectors: [
      ...headings.map((selector) => ({ selector, options: { uppercase: false } })),
      { selector: 'table', format: 'dataTable', options: { uppercaseHeaderCells: false } },
      { selector: 'a', options: { hideLinkHrefIfSameAsText: true, linkBrackets: ['(', ')'] } },
      { selector: 'img', format: 'skip' },
    ],
  }).trim();
}
