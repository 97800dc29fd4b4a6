/** The Web API methods that the stand-in knows. Each takes the decoded form and answers `{ok, ...}`. */
import { checkBlocks } from './blocks.ts';
import { cut, describeChannel, describeFile, describeMessage, describePerson, isTrue, permalink } from './describe.ts';
import { documentation } from './documentation.ts';
import { notifiedBy, unfurledBy } from './effects.ts';
import { botUser, userGroups, type Channel, type Message, type Workspace } from './workspace.ts';

export type Form = Readonly<Record<string, string>>;
export type Answer = { ok: true; [key: string]: unknown } | { ok: false; error: string; [key: string]: unknown };

export interface MethodContext {
  readonly workspace: Workspace;
  readonly url: string;
  readonly isUserToken: boolean;
  readonly botSearch: boolean;
  readonly scopes: ReadonlySet<string>;
}

type Method = (form: Form, context: MethodContext) => Answer;

const refuse = (error: string, more: Record<string, unknown> = {}): Answer => ({ ok: false, error, ...more });
const longestText = 40_000;

export function callMethod(name: string, form: Form, context: MethodContext): Answer {
  const method = methods[name];
  if (method === undefined) return refuse('unknown_method', { req_method: name });
  if (!isCursor(form['cursor'])) return refuse('invalid_cursor');
  const { scope: needed, takes = '' } = documentation[name] ?? {};
  const unknown = Object.keys(form).filter((argument) => !takes.split(' ').includes(argument));
  if (unknown.length > 0) return refuse('invalid_arg_name', { unknown });
  if (needed !== undefined && !context.scopes.has(needed))
    return refuse('missing_scope', { needed, provided: [...context.scopes].join(',') });
  return method(form, context);
}

const methods: Readonly<Record<string, Method>> = {
  'auth.test': (_, { workspace, url, isUserToken }) => ({
    ok: true,
    url: `${url}/`,
    team: workspace.team.name,
    team_id: workspace.team.id,
    user: isUserToken ? 'jane' : botUser.name,
    user_id: isUserToken ? 'U0JANE001' : botUser.id,
    ...(!isUserToken && { bot_id: 'B0BOT0001' }),
  }),
  'conversations.list': listConversations,
  'conversations.info': (form, { workspace }) => {
    const channel = workspace.channels.find((item) => item.id === form['channel']);
    if (channel === undefined || hidden(channel)) return refuse('channel_not_found');
    return { ok: true, channel: describeChannel(channel, form['include_num_members'] === 'true') };
  },
  'conversations.history': readHistory,
  'conversations.replies': readReplies,
  'chat.postMessage': postMessage,
  'chat.update': updateMessage,
  'chat.delete': (form, { workspace }) => {
    const channel = workspace.channels.find((item) => item.id === form['channel']);
    if (channel === undefined || hidden(channel)) return refuse('channel_not_found');
    const at = channel.messages.findIndex((item) => item.ts === form['ts']);
    if (at === -1) return refuse('message_not_found');
    if (channel.messages[at]?.user !== botUser.id) return refuse('cant_delete_message');
    channel.messages.splice(at, 1);
    return { ok: true, channel: channel.id, ts: form['ts'] };
  },
  'chat.getPermalink': (form, { workspace, url }) => {
    const channel = workspace.channels.find((item) => item.id === form['channel']);
    const message = channel?.messages.find((item) => item.ts === form['message_ts']);
    if (channel === undefined) return refuse('channel_not_found');
    if (message === undefined) return refuse('message_not_found');
    return { ok: true, channel: channel.id, permalink: permalink(url, channel, message) };
  },
  'reactions.add': (form, { workspace }) => {
    const channel = workspace.channels.find((item) => item.id === form['channel']);
    if (channel === undefined || hidden(channel)) return refuse('channel_not_found');
    const message = channel.messages.find((item) => item.ts === form['timestamp']);
    if (message === undefined) return refuse('message_not_found');
    const name = form['name'] ?? '';
    if (!/^[a-z0-9_+'-]+(?:::skin-tone-[2-6])?$/.test(name) || name.startsWith('no_such'))
      return refuse('invalid_name');
    const who = message.reactions.get(name) ?? new Set<string>();
    if (who.has(botUser.id)) return refuse('already_reacted');
    message.reactions.set(name, who.add(botUser.id));
    return { ok: true };
  },
  'reactions.remove': (form, { workspace }) => {
    const channel = workspace.channels.find((item) => item.id === form['channel']);
    if (channel === undefined || hidden(channel)) return refuse('channel_not_found');
    const message = channel.messages.find((item) => item.ts === form['timestamp']);
    if (message === undefined) return refuse('message_not_found');
    const who = message.reactions.get(form['name'] ?? '');
    if (who?.delete(botUser.id) !== true) return refuse('no_reaction');
    if (who.size === 0) message.reactions.delete(form['name'] ?? '');
    return { ok: true };
  },
  'pins.add': (form, { workspace }) => {
    const channel = workspace.channels.find((item) => item.id === form['channel']);
    if (channel === undefined || hidden(channel)) return refuse('channel_not_found');
    const ts = form['timestamp'] ?? '';
    if (!channel.messages.some((item) => item.ts === ts)) return refuse('message_not_found');
    if (channel.pins.has(ts)) return refuse('already_pinned');
    channel.pins.add(ts);
    return { ok: true };
  },
  'pins.remove': (form, { workspace }) => {
    const channel = workspace.channels.find((item) => item.id === form['channel']);
    if (channel === undefined || hidden(channel)) return refuse('channel_not_found');
    return channel.pins.delete(form['timestamp'] ?? '') ? { ok: true } : refuse('no_pin');
  },
  'users.list': (form, { workspace }) => {
    const { page, next } = cut(workspace.people, form, 100);
    return { ok: true, members: page.map(describePerson), response_metadata: { next_cursor: next } };
  },
  'users.info': (form, { workspace }) => {
    const person = workspace.person(form['user'] ?? '');
    return person === undefined ? refuse('user_not_found') : { ok: true, user: describePerson(person) };
  },
  'users.lookupByEmail': (form, { workspace }) => {
    const person = workspace.people.find((item) => item.email === form['email'] && item.deleted !== true);
    return person === undefined ? refuse('users_not_found') : { ok: true, user: describePerson(person) };
  },
  'bots.info': (form) =>
    form['bot'] === 'B0DEPLOY1' ? { ok: true, bot: { id: 'B0DEPLOY1', name: 'Deploy App' } } : refuse('bot_not_found'),
  'usergroups.list': () => ({
    ok: true,
    usergroups: userGroups.map(({ users, ...group }) => ({
      ...group,
      description: '',
      date_delete: 0,
      user_count: String(users.length),
    })),
  }),
  'search.messages': searchMessages,
  'assistant.search.context': searchContext,
  'files.getUploadURLExternal': (form, { workspace, url }) => {
    const length = Number(form['length']);
    if (form['filename'] === undefined || !(length > 0)) return refuse('invalid_arguments');
    const id = workspace.nextId('F');
    workspace.uploads.set(id, { name: form['filename'], length });
    return { ok: true, upload_url: `${url}/upload/v1/${id}`, file_id: id };
  },
  'files.completeUploadExternal': completeUpload,
  'files.delete': (form, { workspace }) => {
    const found = workspace.file(form['file'] ?? '');
    if (found === undefined || hidden(found.channel)) return refuse('file_not_found');
    const { messages } = found.channel;
    const at = messages.findIndex(({ files }) => files.includes(found.file));
    const message = messages[at];
    if (message?.user !== botUser.id) return refuse('cant_delete_file');
    // A message with only the file is deleted with it.
    const files = message.files.filter((file) => file !== found.file);
    if (files.length === 0 && message.text === '') messages.splice(at, 1);
    else messages[at] = { ...message, files };
    return { ok: true };
  },
  'files.info': (form, { workspace, url }) => {
    const found = workspace.file(form['file'] ?? '');
    if (found === undefined || hidden(found.channel)) return refuse('file_not_found');
    return { ok: true, file: describeFile(found.file, found.channel, url, workspace.team.id) };
  },
};

/** Filters after it has cut the page, as Slack does: a page may be short or empty and still have a next one. */
function listConversations(form: Form, { workspace, scopes }: MethodContext): Answer {
  const types = (form['types'] ?? 'public_channel').split(',').map((type) => type.trim());
  if (types.includes('im') && !scopes.has('im:read')) return refuse('missing_scope', { needed: 'im:read' });
  const { page, next } = cut(workspace.channels, form, 100);
  const channels = page.filter(
    (channel) =>
      !hidden(channel) &&
      types.includes(typeOf(channel)) &&
      !(form['exclude_archived'] === 'true' && channel.isArchived),
  );
  return {
    ok: true,
    channels: channels.map((channel) => describeChannel(channel, true)),
    response_metadata: { next_cursor: next },
  };
}

function typeOf({ id, isPrivate }: Channel): string {
  if (id.startsWith('D')) return 'im';
  return isPrivate ? 'private_channel' : 'public_channel';
}

function readHistory(form: Form, { workspace, url, scopes }: MethodContext): Answer {
  const channel = workspace.channels.find((item) => item.id === form['channel']);
  if (channel === undefined || hidden(channel)) return refuse('channel_not_found');
  if (typeOf(channel) === 'im' && !scopes.has('im:history')) return refuse('missing_scope', { needed: 'im:history' });
  if (!channel.botIsMember) return refuse('not_in_channel');
  const top = channel.messages.filter((message) => message.threadTs === undefined || message.threadTs === message.ts);
  return readPage(top.toReversed(), channel, form, url);
}

function readReplies(form: Form, { workspace, url }: MethodContext): Answer {
  const channel = workspace.channels.find((item) => item.id === form['channel']);
  if (channel === undefined || hidden(channel)) return refuse('channel_not_found');
  if (!channel.botIsMember) return refuse('not_in_channel');
  const parent = channel.messages.find((message) => message.ts === form['ts']);
  if (parent === undefined) return refuse('thread_not_found');
  // For a reply, only that reply is returned. The first message of a thread is always included, whatever the time range.
  if (parent.threadTs !== undefined && parent.threadTs !== parent.ts) return readPage([parent], channel, form, url);
  const replies = channel.messages.filter((message) => message !== parent && message.threadTs === parent.ts);
  return readPage(replies, channel, form, url, [parent]);
}

function readPage(
  messages: readonly Message[],
  channel: Channel,
  form: Form,
  _url: string,
  always: readonly Message[] = [],
): Answer {
  const oldest = form['oldest'] ?? '0';
  const latest = form['latest'] ?? '9999999999.999999';
  const inclusive = form['inclusive'] === 'true' || form['inclusive'] === '1';
  const within = messages.filter((message) =>
    inclusive
      ? Number(message.ts) >= Number(oldest) && Number(message.ts) <= Number(latest)
      : Number(message.ts) > Number(oldest) && Number(message.ts) < Number(latest),
  );
  const { page, next } = cut([...always, ...within], form, 100);
  const withMetadata = form['include_all_metadata'] === 'true' || form['include_all_metadata'] === '1';
  return {
    ok: true,
    messages: page.map((message) => describeMessage(message, channel, withMetadata)),
    has_more: next !== '',
    response_metadata: { next_cursor: next },
  };
}

function postMessage(form: Form, { workspace }: MethodContext): Answer {
  const target = form['channel'] ?? '';
  const person = /^[UW]/.test(target) ? workspace.person(target) : undefined;
  const channel = person === undefined ? workspace.channel(target) : workspace.openDirect(person);
  if (channel === undefined || hidden(channel)) return refuse('channel_not_found');
  if (channel.isPrivate && target !== channel.id && person === undefined) return refuse('channel_not_found');
  if (channel.isArchived) return refuse('is_archived');
  if (!channel.botIsMember) return refuse('not_in_channel');
  const text = form['text'] ?? '';
  if (form['markdown_text'] !== undefined && (text !== '' || form['blocks'] !== undefined))
    return refuse('markdown_text_conflict');
  const checked = readBlocks(form);
  if ('error' in checked) return refuse(checked.error, errorDetail(checked.messages));
  if (text === '' && checked.blocks.length === 0) return refuse('no_text');
  const threadTs = form['thread_ts'];
  if (threadTs !== undefined && !channel.messages.some((message) => message.ts === threadTs))
    return refuse('thread_not_found');
  const parent = channel.messages.find((message) => message.ts === threadTs);
  if (parent !== undefined) parent.threadTs ??= parent.ts;
  const message: Message = {
    ts: workspace.nextTs(),
    user: botUser.id,
    botId: 'B0BOT0001',
    text: text.slice(0, longestText),
    blocks: checked.blocks,
    threadTs,
    metadata: form['metadata'] === undefined ? undefined : (JSON.parse(form['metadata']) as unknown),
    files: [],
    reactions: new Map(),
    posted: true,
    notified: notifiedBy({ text, blocks: checked.blocks, linkNames: isTrue(form['link_names']) }),
    unfurled: unfurledBy({
      text,
      blocks: checked.blocks,
      unfurlLinks: form['unfurl_links'] === undefined || isTrue(form['unfurl_links']),
      unfurlMedia: form['unfurl_media'] === undefined || isTrue(form['unfurl_media']),
    }),
  };
  channel.messages.push(message);
  return { ok: true, channel: channel.id, ts: message.ts, message: describeMessage(message, channel, true) };
}

function updateMessage(form: Form, { workspace }: MethodContext): Answer {
  const channel = workspace.channels.find((item) => item.id === form['channel']);
  if (channel === undefined || hidden(channel)) return refuse('channel_not_found');
  const message = channel.messages.find((item) => item.ts === form['ts']);
  if (message === undefined) return refuse('message_not_found');
  if (message.user !== botUser.id) return refuse('cant_update_message');
  const checked = readBlocks(form);
  if ('error' in checked) return refuse(checked.error, errorDetail(checked.messages));
  message.text = (form['text'] ?? '').slice(0, longestText);
  message.blocks = checked.blocks;
  message.editedTs = workspace.nextTs();
  return { ok: true, channel: channel.id, ts: message.ts, text: message.text };
}

function searchMessages(form: Form, { workspace, url, isUserToken }: MethodContext): Answer {
  if (!isUserToken) return refuse('not_allowed_token_type');
  const words = (form['query'] ?? '')
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  if (words.length === 0) return refuse('no_query');
  const hits = workspace.channels
    .filter((channel) => !channel.isPrivate || channel.botIsMember)
    .flatMap((channel) => channel.messages.map((message) => ({ channel, message })))
    .filter(({ message }) => words.every((word) => message.text.toLowerCase().includes(word)));
  const count = Number(form['count'] ?? '20');
  const page = Number(form['page'] ?? '1');
  const matches = hits.slice((page - 1) * count, page * count).map(({ channel, message }) => ({
    ...describeMessage(message, channel, false),
    channel: { id: channel.id, name: channel.name, is_private: channel.isPrivate },
    username: workspace.person(message.user)?.name ?? '',
    permalink: permalink(url, channel, message),
  }));
  const paging = { count, total: hits.length, page, pages: Math.ceil(hits.length / count) };
  return { ok: true, query: form['query'], messages: { total: hits.length, matches, paging } };
}

/** Slack requires a bot to send the action_token of the message it answers. Public channels only, at most 20. */
function searchContext(form: Form, { workspace, url, isUserToken, botSearch }: MethodContext): Answer {
  if (!isUserToken && !botSearch && form['action_token'] === undefined) return refuse('invalid_action_token');
  const words = (form['query'] ?? '')
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  if (words.length === 0) return refuse('missing_query');
  const hits = workspace.channels
    .filter((channel) => !channel.isPrivate && !channel.isArchived)
    .flatMap((channel) => channel.messages.map((message) => ({ channel, message })))
    .filter(({ message }) => words.every((word) => message.text.toLowerCase().includes(word)));
  const { page, next } = cut(hits, { ...form, limit: String(Math.min(Number(form['limit'] ?? 20), 20)) }, 20);
  const messages = page.map(({ channel, message }) => ({
    author_user_id: message.user,
    team_id: workspace.team.id,
    channel_id: channel.id,
    message_ts: message.ts,
    content: message.text,
    is_author_bot: message.botId !== undefined,
    permalink: permalink(url, channel, message),
  }));
  return { ok: true, results: { messages }, response_metadata: { next_cursor: next } };
}

function completeUpload(form: Form, { workspace }: MethodContext): Answer {
  const files = JSON.parse(form['files'] ?? '[]') as { id: string; title?: string }[];
  const channel = workspace.channels.find((item) => item.id === form['channel_id']);
  if (form['channel_id'] !== undefined && (channel === undefined || hidden(channel)))
    return refuse('channel_not_found');
  const stored = files.map((file) => ({ file, upload: workspace.uploads.get(file.id) }));
  if (stored.some(({ upload }) => upload?.content === undefined)) return refuse('file_not_found');
  const parts = stored.map(({ file, upload }) => ({
    id: file.id,
    name: upload!.name,
    title: file.title ?? upload!.name,
    content: upload!.content!,
  }));
  for (const part of parts) workspace.uploads.delete(part.id);
  if (channel !== undefined) {
    const text = form['initial_comment'] ?? '';
    channel.messages.push({
      ts: workspace.nextTs(),
      user: botUser.id,
      botId: 'B0BOT0001',
      text,
      blocks: [],
      threadTs: form['thread_ts'],
      files: parts,
      reactions: new Map(),
      posted: true,
      notified: notifiedBy({ text, blocks: [], linkNames: false }),
      // Unfurling cannot be turned off here, so this is a second posting path to guard.
      unfurled: unfurledBy({ text, blocks: [], unfurlLinks: true, unfurlMedia: true }),
    });
  }
  return { ok: true, files: parts.map(({ id, name, title }) => ({ id, name, title })) };
}

function readBlocks(form: Form): ReturnType<typeof checkBlocks> {
  if (form['blocks'] === undefined) return { blocks: [] };
  try {
    return checkBlocks(JSON.parse(form['blocks']));
  } catch {
    return { error: 'invalid_blocks_format', messages: [] };
  }
}

function errorDetail(messages: readonly string[]): Record<string, unknown> {
  if (messages.length === 0) return {};
  return { errors: messages.map((item) => item.replace('[ERROR] ', '')), response_metadata: { messages } };
}

/** Private channels without the bot answer as if they did not exist. */
function hidden(channel: Channel): boolean {
  return channel.isPrivate && !channel.botIsMember;
}

/** Cursors are a base64-encoded position; anything else is invalid. */
function isCursor(cursor: string | undefined): boolean {
  return cursor === undefined || /^\d*$/.test(Buffer.from(cursor, 'base64').toString('latin1'));
}
