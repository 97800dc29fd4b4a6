import type { CallOptions } from './client-settings.ts';
import type { SlackConnection } from './connection.ts';
import { namedIds, type ReadMessage } from './format/message-to-text.ts';

/** Names of the people, channels and groups that messages name or are by. What cannot be had stays an id. */
export async function namesIn(
  messages: readonly ReadMessage[],
  { people, directory, groups }: SlackConnection,
  options: CallOptions,
): Promise<ReadonlyMap<string, string>> {
  const named = messages.map(namedIds);
  const authors = messages.flatMap(({ user }) => (user === undefined ? [] : [user]));
  const persons = await people.namesOf([...authors, ...named.flatMap((ids) => ids.people)], options);
  const channels = await directory.namesOf(
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
 * As people see who wrote a message: an app under the name that it posts by; somebody of another company, whom Slack
 * does not let us look up, by the profile that comes along.
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
