import * as z from 'zod';
import { outcomeSchema } from '../../contract/preview.ts';
import { defineTool } from '../../kit/define-tool.ts';
import { signatureOf } from '../../kit/caller/caller.ts';
import { ToolError } from '../../kit/errors.ts';
import { escapeMarkup } from '../format/blocks-to-text.ts';
import {
  callOptions,
  channelInput,
  compose,
  type Context,
  destinationOf,
  findSent,
  optionalThread,
  requirePostable,
  threadOf,
  threadTs,
  requireScope,
} from './write-helpers.ts';

const scope = 'files:write';

const input = z.strictObject({
  channel: channelInput,
  filename: z
    .string()
    .trim()
    .regex(/^[^/\\\p{C}]{1,200}$/u, 'must be a plain file name such as orders.csv, without a path'),
  content: z.string().min(1).max(1_000_000).describe('its text, not a path'),
  title: z.string().trim().min(1).max(200).optional(),
  comment: z.string().trim().min(1).max(2_000).optional().describe('plain text beside it, no links'),
  thread_ts: threadTs.optional(),
});
type Input = z.infer<typeof input>;

export default defineTool({
  name: 'upload_slack_file',
  title: 'Upload Slack file',
  description: 'Shares a text file (CSV, log, JSON) in a channel.',
  limit: '10/10m',
  scopes: [scope],
  input,
  output: z.object({
    outcome: outcomeSchema,
    channel: z.string(),
    file_id: z.string(),
    bytes: z.int(),
    warnings: z.array(z.string()).optional(),
  }),
  preview: async (input, context: Context) => {
    await requireScope(scope, context);
    const { channel, share, filename, title, content } = await prepare(input, context);
    return {
      title: 'Share a file in Slack',
      destination: destinationOf(channel),
      body: `${share.initial_comment === undefined ? '' : `${share.initial_comment}\n\n`}${fenced(content)}`,
      raw: JSON.stringify({ ...share, filename, title, content }),
      fields: [
        { label: 'Channel', value: `#${channel.name}`, argument: 'channel' },
        { label: 'File', value: `${filename}, ${Buffer.byteLength(content)} bytes`, argument: 'filename' },
        ...(title === filename ? [] : [{ label: 'Title', value: title, argument: 'title' }]),
        ...(share.thread_ts === undefined ? [] : [{ label: 'Thread', value: share.thread_ts, argument: 'thread_ts' }]),
      ],
      warnings: [],
      duplicates: [],
      linkHosts: [],
      mentions: [],
    };
  },
  run: async (input, context) => {
    const { channel, share, filename, title, content } = await prepare(input, context);
    const bytes = Buffer.from(content);
    const { client } = context.connection;
    const { file_id: id } = await context.effect({
      name: 'upload',
      result: z.object({ file_id: z.string() }),
      // The file is invisible until it is shared, so uploading the same bytes twice is harmless.
      send: async () => {
        const address = z.object({ file_id: z.string(), upload_url: z.string() });
        const wanted = { filename, length: bytes.length };
        const options = { ...callOptions(context), write: true };
        const target = await client.call('files.getUploadURLExternal', wanted, address, options);
        await client.upload(target.upload_url, bytes, options);
        return { file_id: target.file_id };
      },
      find: 'repeatable',
      whereToLook: 'It was not shared.',
    });
    await context.effect({
      name: 'share',
      result: z.object({}),
      send: async () => {
        const options = { ...callOptions(context), write: true };
        await context.connection.pace(channel.id, options);
        const shared = { ...share, files: [{ id, title }] };
        return client.call('files.completeUploadExternal', shared, z.object({}), options);
      },
      find: async (trace) => {
        const found = await findSent(channel.id, share.thread_ts, trace, context, ({ files }) =>
          files.some((file) => file.id === id),
        );
        return found === undefined ? undefined : {};
      },
      whereToLook: `Check #${channel.name} for the file.`,
    });
    return {
      structured: { outcome: 'done' as const, channel: channel.id, file_id: id, bytes: bytes.length },
      text: `Shared ${filename} (${bytes.length} bytes) in #${channel.name}.`,
    };
  },
});

async function prepare(input: Input, context: Context) {
  const content = context.redact(input.content);
  const comment = context.redact(input.comment ?? '');
  const said = [comment, signatureOf('Sent', context.call.onBehalfOf, comment) ?? ''].filter((line) => line !== '');
  // Slack fetches links in a file's comment, and that cannot be turned off.
  const linked =
    /\w+:\/\/|\bwww\./i.test(comment) ||
    (comment !== '' && (await compose(comment, [], context)).message.linkHosts.length > 0);
  if (linked)
    throw new ToolError('invalid_arguments', "'comment' must not contain links: Slack would fetch them.", {
      hint: 'Post the links with post_slack_message.',
    });
  const channel = await context.connection.channelToWrite(input.channel, callOptions(context));
  await requirePostable(channel, context);
  const wanted = optionalThread(input.thread_ts, input.channel);
  const thread = wanted === undefined ? undefined : await threadOf(channel, wanted, context);
  const share = {
    channel_id: channel.id,
    ...(said.length > 0 && { initial_comment: escapeMarkup(said.join('\n')) }),
    ...(thread !== undefined && { thread_ts: thread }),
  };
  const filename = context.redact(input.filename);
  return { channel, share, filename, title: context.redact(input.title ?? filename), content };
}

function fenced(content: string): string {
  const fence = '`'.repeat(Math.max(3, ...[...content.matchAll(/`+/g)].map(([run]) => run.length + 1)));
  return `${fence}\n${content}\n${fence}`;
}
