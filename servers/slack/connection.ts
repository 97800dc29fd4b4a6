import * as z from 'zod';
import type { Renewable } from '../contract/secrets/renewable.ts';
import { ToolError } from '../kit/errors.ts';
import type { ConnectIo } from '../kit/run-server.ts';
import { type Channel, ChannelDirectory, labelOf } from './channels.ts';
import { createSlackClient, type SlackClient } from './client.ts';
import type { CallOptions, Tokens } from './client-settings.ts';
import type { SlackConfiguration } from './config.ts';
import { GroupDirectory } from './groups.ts';
import { PeopleDirectory } from './people.ts';

/** What every tool of this server works with. No request is sent before the first call. */
export interface SlackConnection {
  readonly client: SlackClient;
  readonly directory: ChannelDirectory;
  readonly people: PeopleDirectory;
  /** Whether a user token for search is set. */
  readonly hasPerson: boolean;
  readonly groups: GroupDirectory;
  /** @throws ToolError `not_allowed` for a channel outside the settings. */
  readonly channelToWrite: (nameOrId: string, options: CallOptions) => Promise<Channel>;
  readonly channelToRead: (nameOrId: string, options: CallOptions) => Promise<Channel>;
  /** True for a caller limited to some channels: not even the number of matches elsewhere is shown. */
  readonly isNarrowed: boolean;
  /** True when no setting limits which channels are read. */
  readonly readsEverything: boolean;
  readonly mayRead: (channelId: string, options: CallOptions) => Promise<boolean>;
  /** As `ChannelDirectory.namesOf`, of the channels that may be known. */
  readonly channelNames: ChannelDirectory['namesOf'];
  /** Whether the channel may be shown in a list. */
  readonly mayList: (channelId: string, options: CallOptions) => Promise<boolean>;
  /** Waits until posting is allowed. Slack accepts about one message per second per channel. */
  readonly pace: (channelId: string, options: CallOptions) => Promise<void>;
  /** Scopes of the bot token; undefined when Slack does not say. */
  readonly scopes: (options: CallOptions) => Promise<ReadonlySet<string> | undefined>;
  readonly botUserId: (options: CallOptions) => Promise<string>;
  readonly botName: (options: CallOptions) => Promise<string>;
  /** "https://shop.slack.com/" */
  readonly workspaceUrl: (options: CallOptions) => Promise<string>;
}

const identitySchema = z.object({
  url: z.string(),
  user: z.string(),
  user_id: z.string(),
  response_metadata: z.object({ scopes: z.array(z.string()).optional() }).optional(),
});
type Identity = z.infer<typeof identitySchema>;

type Resolve = (nameOrId: string, options: CallOptions) => Promise<Channel>;

const longestTurnMs = 30_000;

/** @param account the tokens. @throws ToolError from it, for a caller who has none. */
export function connect(
  configuration: SlackConfiguration,
  { log, limiter, pauses, telemetry }: Omit<ConnectIo, 'redact'>,
  account: () => Promise<Renewable<Tokens>>,
): SlackConnection {
  const client = createSlackClient(configuration.apiUrl, { log, pauses, telemetry }, account);
  const people = new PeopleDirectory(client);
  const directory = new ChannelDirectory(client, log);
  const mayWrite = createAllowList(configuration.allowedChannels, directory);
  const mayRead = createAllowList(configuration.readChannels, directory);
  const turns = limiter('channel', { points: 1, durationMs: 1_000 });
  let identity: Identity | undefined;
  const whoAmI = async (options: CallOptions): Promise<Identity> =>
    (identity ??= await client.call('auth.test', {}, identitySchema, options));
  const guarded =
    (variable: string, entries: readonly string[] | undefined, isAllowed: typeof mayRead, resolve: Resolve) =>
    async (nameOrId: string, options: CallOptions): Promise<Channel> => {
      const channel = await resolve(nameOrId, options);
      if (await isAllowed(channel.id, options)) return channel;
      throw new ToolError('not_allowed', `${labelOf(channel)} is not listed in ${variable}.`, {
        hint: entries?.length === 0 ? 'It lists none.' : `It lists: ${entries?.join(', ')}.`,
      });
    };
  return {
    client,
    directory,
    people,
    hasPerson: configuration.hasPerson,
    groups: new GroupDirectory(client),
    channelToWrite: guarded('SLACK_ALLOWED_CHANNELS', configuration.allowedChannels, mayWrite, (nameOrId, options) =>
      directory.resolveNow(nameOrId, options),
    ),
    channelToRead: guarded('SLACK_READ_CHANNELS', configuration.readChannels, mayRead, (nameOrId, options) =>
      directory.resolveToRead(nameOrId, people, options),
    ),
    isNarrowed: false,
    readsEverything: configuration.readChannels === undefined,
    mayRead,
    mayList: () => Promise.resolve(true),
    channelNames: (ids, options) => directory.namesOf(ids, options),
    pace: async (channelId, { signal, progress = () => undefined }) => {
      const retryAfterMs = await turns.take(channelId, { signal, progress }, longestTurnMs);
      if (retryAfterMs !== undefined)
        throw new ToolError('rate_limited', 'Too many messages are waiting for this channel.', { retryAfterMs });
    },
    scopes: async (options) => {
      const { response_metadata: metadata } = await whoAmI(options);
      return metadata?.scopes === undefined ? undefined : new Set(metadata.scopes);
    },
    botUserId: async (options) => (await whoAmI(options)).user_id,
    botName: async (options) => (await whoAmI(options)).user,
    workspaceUrl: async (options) => (await whoAmI(options)).url,
  };
}

/** The same Slack for a caller who may use only these channels, of those that the settings allow. */
export function narrowTo(connection: SlackConnection, channels: readonly string[]): SlackConnection {
  const isAmong = createAllowList(channels, connection.directory);
  /** The same for a channel that others may use and for one that does not exist, so that it says nothing of either. */
  const outside = (nameOrId: string): ToolError =>
    new ToolError('not_allowed', `'${nameOrId.slice(0, 80)}' is not a channel that you may use here.`, {
      hint: channels.length === 0 ? 'Your groups may use none.' : `Your groups may use: ${channels.join(', ')}.`,
    });
  const among =
    (resolve: Resolve): Resolve =>
    async (nameOrId, options) => {
      let channel: Channel;
      try {
        channel = await resolve(nameOrId, options);
      } catch (error) {
        const tells = error instanceof ToolError && ['not_found', 'not_allowed', 'forbidden'].includes(error.code);
        throw tells ? outside(nameOrId) : error;
      }
      if (await isAmong(channel.id, options)) return channel;
      throw outside(nameOrId);
    };
  return {
    ...connection,
    channelToWrite: among(connection.channelToWrite),
    channelToRead: among(connection.channelToRead),
    isNarrowed: true,
    readsEverything: false,
    mayRead: async (id, options) => (await isAmong(id, options)) && connection.mayRead(id, options),
    mayList: isAmong,
    channelNames: async (ids, options) => {
      const own: string[] = [];
      for (const id of new Set(ids)) if (await isAmong(id, options)) own.push(id);
      const names = await connection.channelNames(own, options);
      return new Map(own.map((id) => [id, names.get(id) ?? id]));
    },
  };
}

/**
 * Names are resolved once and kept as ids, so that a channel later renamed to an allowed name stays blocked. A name
 * that cannot be resolved allows nothing.
 */
function createAllowList(entries: readonly string[] | undefined, directory: ChannelDirectory) {
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
      if (error instanceof ToolError && ['not_found', 'invalid_arguments'].includes(error.code)) return undefined;
      throw error;
    }
  };
  return async (channelId: string, options: CallOptions): Promise<boolean> => {
    if (entries === undefined || entries.includes(channelId)) return true;
    for (const entry of entries) if ((await idOf(entry, options)) === channelId) return true;
    return false;
  };
}
