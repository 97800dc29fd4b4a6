import * as z from 'zod';
import { ToolError } from '../kit/errors.ts';
import type { Log } from '../kit/log.ts';
import { readMessageLink } from './message-links.ts';
import { cursorAfter, pageMetadata, type SlackClient } from './client.ts';
import type { CallOptions } from './client-settings.ts';
import type { PeopleDirectory } from './people.ts';

// A field that Slack omits or sends as null must not hide the other channels.
const channelSchema = z.object({
  id: z.string(),
  name: z.string().catch(''),
  is_private: z.boolean().catch(false),
  is_archived: z.boolean().catch(false),
  is_member: z.boolean().catch(false),
  is_im: z.boolean().catch(false),
  is_mpim: z.boolean().catch(false),
  /** The other person in a direct message. */
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
/** How long a name-to-id lookup stays cached. */
const freshMs = 10 * 60_000;
/** An older list is read again for an unknown name, because the channel may be new. */
const knownMissingMs = 30_000;
const pageSize = 500;
/** Channels whose names one read may look up. */
const maxNameLookups = 20;

/** "C0123456789", a mention ("<#C0123456789|operations>"), or a link to the channel or to one of its messages. */
function idIn(text: string): string | undefined {
  const id = /^<#([^|>]+)(?:\|[^>]*)?>$/.exec(text.trim())?.[1] ?? readMessageLink(text)?.channel ?? text.trim();
  return channelId.test(id) || directId.test(id) ? id : undefined;
}

/** "#operations", or the other person of a direct message. */
export function labelOf({ name, is_im: isDirect }: Channel): string {
  return isDirect ? `direct messages with ${name}` : `#${name}`;
}

/**
 * Channels by name or id. The list is read page by page and cached: after a rate limit, the next lookup continues where
 * this one stopped. A private channel without the app cannot be found by name.
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

  /** The channel's current state in Slack, for writes. @throws as `resolve` */
  async resolveNow(nameOrId: string, options: CallOptions): Promise<Channel> {
    const listed = await this.resolve(nameOrId, options);
    if (idIn(nameOrId) !== undefined) return listed;
    const channel = await this.details(listed.id, options);
    if (channel.name === listed.name) return channel;
    // The channel was renamed since it was listed. Another may have its name now.
    this.#forget();
    const named = await this.resolve(nameOrId, options);
    return this.details(named.id, options);
  }

  /** @throws ToolError that names the argument, for anything that is not a channel. */
  async resolve(nameOrId: string, options: CallOptions): Promise<Channel> {
    const asked = nameOrId.trim();
    if (personOrDirectId.test(asked) || directId.test(idIn(asked) ?? ''))
      throw new ToolError('invalid_arguments', `'channel': ${asked} is a person or a direct message, not a channel.`, {
        hint: 'Give a channel name such as #operations, or an id such as C0123456789.',
      });
    const id = idIn(asked);
    if (id !== undefined) return this.details(id, options);
    const name = asked.replace(/^#/, '').toLowerCase();
    // Slack's rule for names, in any script.
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

  /** The channel's current members and sharing. */
  async details(id: string, options: CallOptions): Promise<Channel> {
    const channel = await this.#info(id, options);
    if (channel.is_im || channel.is_mpim)
      throw new ToolError('invalid_arguments', `'channel': ${id} is a direct message, not a channel.`);
    return channel;
  }

  /**
   * Also accepts direct messages by id, "@name" or user id, if the token has the scopes.
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
      hint: 'A conversation starts when the person messages the app or the app messages the person.',
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
      only === undefined ? `'channel': no Slack user is called ${text}.` : `'channel': several people match ${text}.`,
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

  /** Names for display. A name that cannot be looked up stays an id and does not fail the read. */
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

  /** All channels that the app can see, except archived ones. */
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

  /** A short or empty page may still have a next one, because Slack filters after paging. */
  async #readPage(options: CallOptions): Promise<void> {
    const cursor = this.#cursor ?? '';
    if (cursor === '') this.#begun = Date.now();
    const input = { types: this.#types, exclude_archived: true, limit: pageSize, ...(cursor !== '' && { cursor }) };
    let page: z.infer<typeof pageSchema>;
    try {
      page = await this.#client.call('conversations.list', input, pageSchema, options);
    } catch (error) {
      // Without groups:read, only public channels are listed.
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
    const invite = 'The app sees a private channel only after it is invited.';
    return like.length === 0 ? invite : `Did you mean ${like.map((one) => `#${one}`).join(', ')}? ${invite}`;
  }
}
