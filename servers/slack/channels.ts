import * as z from 'zod';
import { ToolError } from '../kit/errors.ts';
import type { Log } from '../kit/log.ts';
import { readMessageLink } from './message-links.ts';
import { cursorAfter, pageMetadata, type SlackClient } from './client.ts';
import type { CallOptions } from './client-settings.ts';
import type { PeopleDirectory } from './people.ts';

// What Slack leaves out or sends as null must not hide the other channels.
const channelSchema = z.object({
  id: z.string(),
  name: z.string().catch(''),
  is_private: z.boolean().catch(false),
  is_archived: z.boolean().catch(false),
  is_member: z.boolean().catch(false),
  is_im: z.boolean().catch(false),
  is_mpim: z.boolean().catch(false),
  /** Whom a direct message is with. */
  user: z.string().optional().catch(undefined),
  is_ext_shared: z.boolean().catch(false),
  num_members: z.number().optional().catch(undefined),
  topic: z.object({ value: z.string() }).optional().catch(undefined),
});
export type Channel = z.infer<typeof channelSchema>;

const pageSchema = z.object({
  channels: z.array(channelSchema),
  response_metadata: pageMetadata,
});

const channelId = /^[CG][A-Z0-9]{5,}$/;
const directId = /^D[A-Z0-9]{6,}$/;
const personOrDirectId = /^[UWDB][A-Z0-9]{6,}$/;
/** How long a name keeps its id without a new look. */
const freshMs = 10 * 60_000;
/** A list so old is read again for a name that it does not hold: the channel may be new. */
const knownMissingMs = 30_000;
const pageSize = 500;
/** Channels that one read may ask the names of. */
const maxNameLookups = 20;

/** "C0123456789", as it stands in a message ("<#C0123456789|operations>"), or a link to it or to a message of it. */
function idIn(text: string): string | undefined {
  const id = /^<#([^|>]+)(?:\|[^>]*)?>$/.exec(text.trim())?.[1] ?? readMessageLink(text)?.channel ?? text.trim();
  return channelId.test(id) || directId.test(id) ? id : undefined;
}

/** "#operations", or who a direct message is with. */
export function labelOf({ name, is_im: isDirect }: Channel): string {
  return isDirect ? `direct messages with ${name}` : `#${name}`;
}

/**
 * Channels by name or id. The list is walked page by page and kept: a rate limit in the middle loses nothing, the next
 * lookup goes on where this one stopped. A private channel that the app is not in cannot be found, only named by id.
 */
export class ChannelDirectory {
  readonly #client: SlackClient;
  readonly #log: Log;
  readonly #names = new Map<string, string>();
  #byName = new Map<string, Channel>();
  #cursor: string | undefined = '';
  #types = 'public_channel,private_channel';
  #begun = 0;

  constructor(client: SlackClient, log: Log) {
    this.#client = client;
    this.#log = log;
  }

  /** As Slack knows the channel at this moment, for what is written. @throws as `resolve` */
  async resolveNow(nameOrId: string, options: CallOptions): Promise<Channel> {
    const listed = await this.resolve(nameOrId, options);
    if (idIn(nameOrId) !== undefined) return listed;
    const channel = await this.details(listed.id, options);
    if (channel.name === listed.name) return channel;
    // Renamed since it was listed: another may have its name by now.
    this.#forget();
    const named = await this.resolve(nameOrId, options);
    return this.details(named.id, options);
  }

  /** @throws ToolError naming the argument for anything that is not a channel. */
  async resolve(nameOrId: string, options: CallOptions): Promise<Channel> {
    const asked = nameOrId.trim();
    if (personOrDirectId.test(asked) || directId.test(idIn(asked) ?? ''))
      throw new ToolError('invalid_arguments', `'channel': ${asked} is a person or a direct message, not a channel.`, {
        hint: 'Give a channel name such as #operations, or an id such as C0123456789.',
      });
    const id = idIn(asked);
    if (id !== undefined) return this.details(id, options);
    const name = asked.replace(/^#/, '').toLowerCase();
    // Slack's rule for names, wide enough for every script.
    if (!/^[\p{L}\p{N}\p{M}_-]{1,80}$/u.test(name))
      throw new ToolError('invalid_arguments', `'channel': '${asked.slice(0, 80)}' is not a channel name or id.`, {
        hint: 'Give a name such as #operations, or an id such as C0123456789.',
      });
    const found = await this.#find(name, options);
    if (found !== undefined) return found;
    throw new ToolError('not_found', `There is no Slack channel #${name} that this app can see.`, {
      hint: this.#likeNames(name),
    });
  }

  /** As Slack knows the channel now: members, sharing. */
  async details(id: string, options: CallOptions): Promise<Channel> {
    const channel = await this.#info(id, options);
    if (channel.is_im || channel.is_mpim)
      throw new ToolError('invalid_arguments', `'channel': ${id} is a direct message, not a channel.`);
    return channel;
  }

  /**
   * Also direct messages, by id, "@name" or the id of the person, where the token has the scopes for them.
   * @throws as `resolve`
   */
  async resolveToRead(nameOrId: string, people: PeopleDirectory, options: CallOptions): Promise<Channel> {
    const text = nameOrId.trim();
    const id = idIn(text);
    if (id !== undefined) {
      const channel = await this.#info(id, options);
      return channel.is_im ? this.#withName(channel, people, options) : channel;
    }
    const person =
      /^<?@?([UW][A-Z0-9]{6,})(?:\|[^>]*)?>?$/.exec(text)?.[1] ?? (await this.#personNamed(text, people, options));
    if (person === undefined) return this.resolve(nameOrId, options);
    let cursor: string | undefined = '';
    do {
      const input = { types: 'im', limit: pageSize, ...(cursor !== '' && { cursor }) };
      const page: z.infer<typeof pageSchema> = await this.#client.call(
        'conversations.list',
        input,
        pageSchema,
        options,
      );
      const found = page.channels.find(({ user }) => user === person);
      if (found !== undefined) return this.#withName({ ...found, is_im: true }, people, options);
      cursor = cursorAfter(cursor, page.response_metadata);
    } while (cursor !== undefined);
    throw new ToolError('not_found', `'channel': this app has no direct messages with ${text}.`, {
      hint: 'They begin when the person writes to the app, or the app to the person.',
    });
  }

  async #personNamed(text: string, people: PeopleDirectory, options: CallOptions): Promise<string | undefined> {
    if (!text.startsWith('@')) return undefined;
    const found = await people.search(text, options);
    const exact = found.filter(({ name }) => name.toLowerCase() === text.slice(1).toLowerCase());
    const [only, ...others] = exact.length > 0 ? exact : found;
    if (only !== undefined && others.length === 0) return only.id;
    throw new ToolError(
      only === undefined ? 'not_found' : 'invalid_arguments',
      only === undefined ? `'channel': nobody in Slack is called ${text}.` : `'channel': several people match ${text}.`,
      { hint: 'find_slack_users finds ids.' },
    );
  }

  async #withName(channel: Channel, people: PeopleDirectory, options: CallOptions): Promise<Channel> {
    if (channel.user === undefined) return channel;
    const names = await people.namesOf([channel.user], options);
    return { ...channel, name: names.get(channel.user) ?? channel.user };
  }

  async #info(id: string, options: CallOptions): Promise<Channel> {
    const input = { channel: id, include_num_members: true };
    const { channel } = await this.#client.call(
      'conversations.info',
      input,
      z.object({ channel: channelSchema }),
      options,
    );
    return channel;
  }

  /** Names for reading: one that cannot be had stays an id, and reading goes on. */
  async namesOf(ids: Iterable<string>, options: CallOptions): Promise<ReadonlyMap<string, string>> {
    for (const { id, name } of this.#byName.values()) this.#names.set(id, name);
    let asked = 0;
    for (const id of new Set(ids)) {
      if (this.#names.has(id) || !channelId.test(id) || asked >= maxNameLookups) continue;
      asked += 1;
      try {
        this.#names.set(id, (await this.details(id, options)).name || id);
      } catch (error) {
        if (!(error instanceof ToolError) || error.code === 'cancelled') throw error;
        if (error.code === 'rate_limited') break;
        this.#names.set(id, id);
      }
    }
    return this.#names;
  }

  /** Everything that the app can see, archived channels left out. */
  async all(options: CallOptions): Promise<Channel[]> {
    this.#forgetWhenStale();
    while (this.#cursor !== undefined) await this.#readPage(options);
    return [...this.#byName.values()];
  }

  async #find(name: string, options: CallOptions): Promise<Channel | undefined> {
    this.#forgetWhenStale();
    const isComplete = this.#cursor === undefined && Date.now() - this.#begun > knownMissingMs;
    if (isComplete && !this.#byName.has(name)) this.#forget();
    while (!this.#byName.has(name) && this.#cursor !== undefined) await this.#readPage(options);
    return this.#byName.get(name);
  }

  #forgetWhenStale(): void {
    if (this.#cursor === undefined && Date.now() - this.#begun >= freshMs) this.#forget();
  }

  #forget(): void {
    this.#byName = new Map();
    this.#cursor = '';
  }

  /** Pages may be short or empty and still have a next one: Slack filters after it has cut them. */
  async #readPage(options: CallOptions): Promise<void> {
    const cursor = this.#cursor ?? '';
    if (cursor === '') this.#begun = Date.now();
    const input = { types: this.#types, exclude_archived: true, limit: pageSize, ...(cursor !== '' && { cursor }) };
    let page: z.infer<typeof pageSchema>;
    try {
      page = await this.#client.call('conversations.list', input, pageSchema, options);
    } catch (error) {
      // Without groups:read the private ones stay unseen; the public ones still work.
      if (!(error instanceof ToolError) || error.code !== 'forbidden' || !this.#types.includes('private')) throw error;
      this.#log('warn', 'private channels cannot be listed', { error: error.message });
      this.#types = 'public_channel';
      return;
    }
    for (const channel of page.channels) if (channel.name !== '') this.#byName.set(channel.name, channel);
    this.#cursor = cursorAfter(cursor, page.response_metadata);
  }

  #likeNames(name: string): string {
    const like = [...this.#byName.keys()].filter((one) => one.includes(name) || name.includes(one)).slice(0, 5);
    const invite = 'A private channel is seen only when the app is invited to it.';
    return like.length === 0 ? invite : `Did you mean ${like.map((one) => `#${one}`).join(', ')}? ${invite}`;
  }
}
