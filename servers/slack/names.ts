import type { CallOptions } from './client-settings.ts';
import type { SlackConnection } from './connection.ts';
import { namedIds, type ReadMessage } from './format/message-to-text.ts';

/** Names of people, channels and groups that messages mention or come from. An id that cannot be resolved stays an id. */
export async function namesIn(
  messages: readonly ReadMessage[],
  { people, channelNames, groups }: SlackConnection,
  options: CallOptions,
): Promise<ReadonlyMap<string, string>> {
  const named = messages.map(namedIds);
  const authors = messages.flatMap(({ user }) => (user === undefined ? [] : [user]));
  const persons = await people.namesOf([...authors, ...named.flatMap((ids) => ids.people)], options);
  const channels = await channelNames(
    named.flatMap((ids) => ids.channels),
    options,
  );
  const silent = messages.filter(
    (message) => message.bot_id !== undefined && authorOf(message, persons) === message.bot_id,
  );
  const bots = await people.botNamesOf(
    silent.flatMap(({ bot_id: bot }) => (bot === undefined ? [] : [bot])),
    options,
  );
  const hasGroups = named.some((ids) => ids.groups.length > 0);
  return new Map([...persons, ...bots, ...channels, ...(hasGroups ? await groups.names(options) : [])]);
}

/**
 * The author's display name: for an app, the name it posts under; for someone from another company, whom Slack does not
 * let us look up, the profile included in the message.
 */
export function authorOf(message: ReadMessage, names: ReadonlyMap<string, string>): string {
  const { user, username, bot_id: bot, bot_profile: app, user_profile: profile } = message;
  const known = user === undefined ? undefined : names.get(user);
  const candidates = [
    bot === undefined ? undefined : username,
    known === user ? undefined : known,
    profile?.real_name,
    profile?.display_name,
    profile?.name,
    username,
    app?.name,
    bot === undefined ? undefined : names.get(bot),
  ];
  return candidates.find((name) => name !== undefined && name !== '') ?? user ?? bot ?? 'unknown';
}
