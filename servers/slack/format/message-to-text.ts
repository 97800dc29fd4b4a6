import * as z from 'zod';
import { blockText, buttonText } from './read-blocks.ts';
import { lines, listOf, isRecord, readableText, shownDate, type Names } from './read-markup.ts';

// A field that Slack omits or sends as null must not hide the rest.
const maybeText = z.string().catch('');
const maybeId = z.string().optional().catch(undefined);

const fileSchema = z.object({
  id: maybeText,
  name: maybeText,
  title: maybeText,
  pretty_type: maybeText,
  filetype: maybeText,
  size: z.number().optional().catch(undefined),
});

const attachmentSchema = z.object({
  fallback: maybeText,
  pretext: maybeText,
  author_name: maybeText,
  author_subname: maybeText,
  author_link: maybeText,
  title: maybeText,
  title_link: maybeText,
  text: maybeText,
  from_url: maybeText,
  footer: maybeText,
  image_url: maybeText,
  ts: z.union([z.string(), z.number()]).transform(String).catch(''),
  fields: z.array(z.object({ title: maybeText, value: maybeText })).catch([]),
  actions: z.array(z.unknown()).catch([]),
  blocks: z.array(z.unknown()).catch([]),
  files: z.array(fileSchema).catch([]),
  // Set for a forwarded or linked message.
  is_share: z.boolean().catch(false),
  is_msg_unfurl: z.boolean().catch(false),
  channel_name: maybeText,
  channel_id: maybeText,
  message_blocks: z.array(z.object({ message: z.object({ blocks: z.array(z.unknown()) }) })).catch([]),
});
type Attachment = z.infer<typeof attachmentSchema>;

const profileSchema = z
  .object({ real_name: maybeText, display_name: maybeText, name: maybeText })
  .optional()
  .catch(undefined);

/** The fields we read of a message from conversations.history and conversations.replies. */
export const messageSchema = z.object({
  ts: z.string(),
  user: maybeId,
  username: maybeId,
  bot_id: maybeId,
  /** Present in messages from apps and from people of another company. */
  bot_profile: z.object({ name: maybeText }).optional().catch(undefined),
  user_profile: profileSchema,
  subtype: maybeId,
  text: maybeText,
  thread_ts: maybeId,
  reply_count: z.number().catch(0),
  reactions: z.array(z.object({ name: z.string(), count: z.number() })).catch([]),
  files: z.array(fileSchema).catch([]),
  blocks: z.array(z.unknown()).catch([]),
  attachments: z.array(attachmentSchema).catch([]),
  metadata: z
    .object({ event_type: z.string(), event_payload: z.record(z.string(), z.unknown()) })
    .optional()
    .catch(undefined),
});
export type ReadMessage = z.infer<typeof messageSchema>;

/** All people, channels and groups that a message refers to by id. */
export interface NamedIds {
  readonly people: string[];
  readonly channels: string[];
  readonly groups: string[];
}

export function namedIds(message: ReadMessage): NamedIds {
  const found: NamedIds = { people: [], channels: [], groups: [] };
  const inMarkup = (text: string): void => {
    for (const [, mark, target = ''] of text.matchAll(/<([@#!])([^>|]*)(?:\|[^>]*)?>/g)) {
      if (mark === '@') found.people.push(target);
      else if (mark === '#') found.channels.push(target);
      else if (target.startsWith('subteam^')) found.groups.push(target.slice('subteam^'.length));
    }
  };
  const visit = (value: unknown): void => {
    if (typeof value === 'string') inMarkup(value);
    else if (Array.isArray(value)) for (const item of value) visit(item);
    else if (isRecord(value)) {
      const { type, user_id: user, channel_id: channel, usergroup_id: group } = value;
      if (type === 'user' && typeof user === 'string') found.people.push(user);
      if (type === 'channel' && typeof channel === 'string') found.channels.push(channel);
      if (type === 'usergroup' && typeof group === 'string') found.groups.push(group);
      for (const item of Object.values(value)) visit(item);
    }
  };
  inMarkup(message.text);
  visit([message.blocks, message.attachments]);
  return found;
}

/** Ids of the people a message mentions. */
export function mentionedIds(message: ReadMessage): string[] {
  return namedIds(message).people;
}

/**
 * The visible content of a message. `text` is only for notifications and may be shortened, so known blocks take
 * precedence. A link preview is used only if the message has no other content.
 * @param names of people, channels and groups, by id.
 */
export function messageText(message: ReadMessage, names: Names): string {
  const body = bodyText(message.blocks, message.text, names);
  const files = message.files.map(fileText);
  const isSaid = (attachment: Attachment): boolean => attachment.from_url === '' || isShared(attachment);
  const said = message.attachments.filter(isSaid);
  const shown = body === '' && files.length === 0 && said.length === 0 ? message.attachments : said;
  return lines([body, ...shown.map((attachment) => attachmentText(attachment, names)), ...files]);
}

function isShared({ is_share: isForwarded, is_msg_unfurl: isQuoted }: Attachment): boolean {
  return isForwarded || isQuoted;
}

function attachmentText(attachment: Attachment, names: Names): string {
  return isShared(attachment) ? sharedText(attachment, names) : cardText(attachment, names);
}

/** A message quoted in this one: its author, place and text. */
function sharedText(attachment: Attachment, names: Names): string {
  const {
    author_name: author,
    author_subname: handle,
    channel_id: id,
    channel_name: channel,
    from_url: url,
  } = attachment;
  const place = names.get(id) ?? channel;
  const head = [
    attachment.is_share ? 'forwarded message' : 'linked message',
    ...(author === '' && handle === '' ? [] : [`of ${author || handle}`]),
    ...(place === '' ? [] : [`in #${place.replace(/^#/, '')}`]),
    ...(attachment.ts === '' ? [] : [shownDate(attachment.ts)]),
    ...(url === '' ? [] : [url]),
  ];
  const blocks = attachment.message_blocks.flatMap(({ message }) => message.blocks);
  const text = bodyText(blocks.length > 0 ? blocks : attachment.blocks, attachment.text || attachment.fallback, names);
  const body = lines([text, ...imageOf(attachment), ...attachment.files.map(fileText)]);
  return lines([`[${head.join(' ')}]`, ...body.split('\n').map((line) => (line === '' ? '' : `> ${line}`))]);
}

/** A legacy format that most alerts from other apps still use. */
function cardText(attachment: Attachment, names: Names): string {
  const { pretext, title, title_link: link, author_name: author, author_link: page, text, footer } = attachment;
  const facts = attachment.fields.map(({ title: name, value }) =>
    [name, value].filter((part) => part !== '').join(': '),
  );
  const said = lines([
    ...[pretext, linked(author, page), linked(title, link), text, ...facts].map((part) => readableText(part, names)),
    ...imageOf(attachment),
  ]);
  const buttons = attachment.actions.map(buttonText).filter((label) => label !== '');
  const end = [readableText(footer, names), footer === '' || attachment.ts === '' ? '' : shownDate(attachment.ts)];
  return lines([
    bodyText(attachment.blocks, said === '' ? attachment.fallback : said, names),
    buttons.join(' '),
    end.filter((part) => part !== '').join(', '),
    ...attachment.files.map(fileText),
  ]);
}

function linked(text: string, url: string): string {
  if (text === '' || url === '' || text.includes(url)) return text || url;
  return `${text} (${url})`;
}

function imageOf({ image_url: url }: Attachment): string[] {
  return url === '' ? [] : [`[image: ${url}]`];
}

/** Includes the id that read_slack_file takes. */
function fileText({ id, title, name, pretty_type: kind, filetype, size }: z.infer<typeof fileSchema>): string {
  const label = title || name;
  const facts = [...(label === '' ? [] : [id]), kind || filetype, size === undefined ? '' : `${size} bytes`].filter(
    (fact) => fact !== '',
  );
  return `[file: ${label || id}${facts.length === 0 ? '' : ` (${facts.join(', ')})`}]`;
}

/** If some blocks are of an unknown type, `text` may say more than the known ones. */
function bodyText(blocks: readonly unknown[], text: string, names: Names): string {
  const known = listOf(blocks).map((block) => (isRecord(block) ? blockText(block, names) : undefined));
  const shown = lines(known.filter((part) => part !== undefined));
  const whole = readableText(text, names);
  const isComplete = known.length > 0 && !known.includes(undefined);
  return isComplete || shown.length > whole.length ? shown : whole;
}
