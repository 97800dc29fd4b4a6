import { type Channel, type Message, type Person, type StoredFile } from './workspace.ts';

export function describeChannel(channel: Channel, withMembers: boolean): Record<string, unknown> {
  // A direct message has a person, and no name.
  if (channel.person !== undefined) return { id: channel.id, is_im: true, user: channel.person, is_archived: false };
  return {
    id: channel.id,
    name: channel.name,
    is_channel: true,
    is_private: channel.isPrivate,
    is_archived: channel.isArchived,
    is_member: channel.botIsMember,
    is_shared: channel.isExternal,
    is_ext_shared: channel.isExternal,
    is_im: channel.id.startsWith('D'),
    topic: { value: channel.topic },
    purpose: { value: '' },
    ...(withMembers && { num_members: channel.memberCount }),
  };
}

export function describeFile(file: StoredFile, channel: Channel, url: string, team: string): Record<string, unknown> {
  const user = channel.messages.find(({ files }) => files.includes(file))?.user;
  const { id, name, title, content, mimetype = 'text/plain', filetype = 'text' } = file;
  const address = `${url}/files-pri/${team}-${id}`;
  return {
    id,
    user,
    name,
    title,
    mimetype,
    filetype,
    pretty_type: filetype,
    size: content.length,
    is_external: false,
    url_private: `${address}/${encodeURIComponent(name)}`,
    url_private_download: `${address}/download/${encodeURIComponent(name)}`,
    permalink: `${url}/files/U0JANE001/${id}/${encodeURIComponent(name)}`,
    channels: channel.isPrivate ? [] : [channel.id],
    groups: channel.isPrivate && channel.person === undefined ? [channel.id] : [],
    ims: channel.person === undefined ? [] : [channel.id],
  };
}

export function describePerson(person: Person): Record<string, unknown> {
  return {
    id: person.id,
    name: person.name,
    real_name: person.realName,
    is_bot: person.isBot,
    deleted: person.deleted === true,
    profile: { display_name: person.name, real_name: person.realName, email: person.email, title: '' },
  };
}

export function describeMessage(message: Message, channel: Channel, withMetadata: boolean): Record<string, unknown> {
  const replies = channel.messages.filter((item) => item !== message && item.threadTs === message.ts);
  return {
    type: 'message',
    ts: message.ts,
    user: message.user,
    text: message.text,
    ...(message.botId !== undefined && { bot_id: message.botId }),
    ...(message.subtype !== undefined && { subtype: message.subtype }),
    ...(message.blocks.length > 0 && { blocks: message.blocks }),
    ...(message.threadTs !== undefined && { thread_ts: message.threadTs }),
    ...(replies.length > 0 && { reply_count: replies.length, latest_reply: replies.at(-1)?.ts }),
    ...(message.editedTs !== undefined && { edited: { user: message.user, ts: message.editedTs } }),
    ...(message.files.length > 0 && {
      files: message.files.map(({ id, name, title, content, filetype = 'text' }) => ({
        id,
        name,
        title,
        filetype,
        size: content.length,
      })),
    }),
    ...(message.reactions.size > 0 && {
      reactions: [...message.reactions].map(([name, users]) => ({ name, count: users.size, users: [...users] })),
    }),
    ...(withMetadata && message.metadata !== undefined && { metadata: message.metadata }),
    ...message.more,
  };
}

export function permalink(url: string, channel: Channel, message: Message): string {
  const inThread = message.threadTs !== undefined && message.threadTs !== message.ts;
  const thread = inThread ? `?thread_ts=${message.threadTs}&cid=${channel.id}` : '';
  return `${url}/archives/${channel.id}/p${message.ts.replace('.', '')}${thread}`;
}

export function cut<T>(
  items: readonly T[],
  form: Readonly<Record<string, string | undefined>>,
  fallback: number,
): { page: T[]; next: string } {
  const start =
    form['cursor'] === undefined || form['cursor'] === ''
      ? 0
      : Number(Buffer.from(form['cursor'], 'base64').toString('latin1'));
  const limit = Math.min(Number(form['limit'] ?? fallback), 999);
  const end = start + limit;
  return { page: items.slice(start, end), next: end < items.length ? btoa(String(end)) : '' };
}

export const isTrue = (value: string | undefined): boolean => value === 'true' || value === '1';
