import { ToolError } from '../kit/errors.ts';
import type { Log } from '../kit/log.ts';
import { type Channel, ChannelDirectory } from './channels.ts';
import { type CallOptions, createSlackClient, type SlackClient } from './client.ts';
import type { SlackConfiguration } from './config.ts';
import { PeopleDirectory } from './people.ts';

/** What every tool of this server works with. */
export interface SlackConnection {
  readonly client: SlackClient;
  readonly directory: ChannelDirectory;
  readonly people: PeopleDirectory;
  /** @throws ToolError `not_allowed` for a channel that the settings leave out. */
  readonly channelToWrite: (nameOrId: string, options: CallOptions) => Promise<Channel>;
  readonly channelToRead: (nameOrId: string, options: CallOptions) => Promise<Channel>;
}

export function connect(configuration: SlackConfiguration, log: Log): SlackConnection {
  const client = createSlackClient(configuration, log);
  const directory = new ChannelDirectory(client, log);
  const mayWrite = createAllowList('SLACK_ALLOWED_CHANNELS', configuration.allowedChannels, directory);
  const mayRead = createAllowList('SLACK_READ_CHANNELS', configuration.readChannels, directory);
  const guarded =
    (check: (channel: Channel, options: CallOptions) => Promise<void>) =>
    async (nameOrId: string, options: CallOptions): Promise<Channel> => {
      const channel = await directory.resolve(nameOrId, options);
      await check(channel, options);
      return channel;
    };
  return {
    client,
    directory,
    people: new PeopleDirectory(client),
    channelToWrite: guarded(mayWrite),
    channelToRead: guarded(mayRead),
  };
}

/**
 * Names are resolved once and then held by id, so that a channel renamed to an allowed name stays out. What cannot be
 * resolved allows nothing.
 */
function createAllowList(variable: string, entries: readonly string[] | undefined, directory: ChannelDirectory) {
  const pinned = new Map<string, string>();
  const idOf = async (entry: string, options: CallOptions): Promise<string | undefined> => {
    const known = pinned.get(entry);
    if (known !== undefined) return known;
    if (/^[CG][A-Z0-9]{5,}$/.test(entry)) return entry;
    try {
      const { id } = await directory.resolve(entry, options);
      pinned.set(entry, id);
      return id;
    } catch (error) {
      if (error instanceof ToolError && error.code === 'not_found') return undefined;
      throw error;
    }
  };
  return async (channel: Channel, options: CallOptions): Promise<void> => {
    if (entries === undefined) return;
    for (const entry of entries) if ((await idOf(entry, options)) === channel.id) return;
    throw new ToolError('not_allowed', `#${channel.name} is not among the channels that ${variable} names.`, {
      hint: entries.length === 0 ? 'It names none.' : `It names: ${entries.join(', ')}.`,
    });
  };
}
