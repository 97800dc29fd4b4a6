import * as z from 'zod';
import { outcomeSchema } from '../../contract/preview.ts';
import { defineTool } from '../../kit/define-tool.ts';
import { ToolError } from '../../kit/errors.ts';
import { callOptions, channelInput, type Context, destinationOf, requireScope } from './write-helpers.ts';

const scope = 'files:write';

const input = z.strictObject({
  channel: channelInput,
  file_id: z.string().regex(/^F[A-Z0-9]{4,40}$/, 'must be the id of a file'),
  filename: z.string().max(200).optional(),
});

type Input = z.infer<typeof input>;

export default defineTool({
  name: 'delete_slack_file',
  title: 'Delete Slack file',
  description: 'Deletes a file that this app shared, everywhere.',
  limit: '10/10m',
  scopes: [scope],
  input,
  output: z.object({ outcome: outcomeSchema, channel: z.string(), file_id: z.string() }),
  preview: async (input, context: Context) => {
    await requireScope(scope, context);
    const { channel, file } = await prepare(input, context);
    const own = await context.connection.botUserId(callOptions(context));
    if (file?.user !== undefined && file.user !== own)
      throw new ToolError('forbidden', 'Only files shared by this app can be deleted.');
    const name = file?.name ?? input.filename ?? input.file_id;
    return {
      title: `Delete ${name} from Slack`,
      destination: destinationOf(channel),
      body: '',
      raw: JSON.stringify({ file: input.file_id, channel: channel.id }),
      fields: [{ label: 'File', value: name }],
      warnings: ['Text that was posted beside it stays.'],
      duplicates: [],
      linkHosts: [],
      mentions: [],
    };
  },
  run: async (input, context) => {
    const { channel } = await prepare(input, context);
    await context.effect({
      name: 'delete',
      result: z.object({}),
      send: async () => {
        const options = { ...callOptions(context), write: true };
        try {
          return await context.connection.client.call('files.delete', { file: input.file_id }, z.object({}), options);
        } catch (error) {
          // It is already gone, as requested.
          if (error instanceof ToolError && gone.has(String(error.details?.['slack']))) return {};
          throw error;
        }
      },
      find: 'repeatable',
      whereToLook: `Check whether the file is still in #${channel.name}.`,
    });
    return {
      structured: { outcome: 'done' as const, channel: channel.id, file_id: input.file_id },
      text: `Deleted the file from #${channel.name}.`,
    };
  },
});

const gone = new Set(['file_deleted', 'file_not_found']);

const infoSchema = z.object({ file: z.object({ user: z.string().optional(), name: z.string().optional() }) });

/** The file is unknown to an app that may share files but not read them. Slack then says whose it is. */
async function prepare(input: Input, context: Context) {
  const options = callOptions(context);
  const channel = await context.connection.channelToWrite(input.channel, options);
  const scopes = await context.connection.scopes(options);
  if (scopes?.has('files:read') === false) return { channel, file: undefined };
  try {
    const { file } = await context.connection.client.call('files.info', { file: input.file_id }, infoSchema, options);
    return { channel, file };
  } catch (error) {
    if (error instanceof ToolError && gone.has(String(error.details?.['slack']))) return { channel, file: undefined };
    throw error;
  }
}
