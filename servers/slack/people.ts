import * as z from 'zod';
import { ToolError } from '../kit/errors.ts';
import { cursorAfter, pageMetadata, type SlackClient } from './client.ts';
import type { CallOptions } from './client-settings.ts';

// A field that Slack omits or sends as null must not hide the other people.
const personSchema = z.object({
  id: z.string(),
  name: z.string().catch(''),
  real_name: z.string().catch(''),
  deleted: z.boolean().catch(false),
  is_bot: z.boolean().catch(false),
  profile: z
    .object({ display_name: z.string().catch(''), title: z.string().catch('') })
    .catch({ display_name: '', title: '' }),
});
export type Person = z.infer<typeof personSchema>;

const pageSchema = z.object({
  members: z.array(personSchema),
  response_metadata: pageMetadata,
});

const freshMs = 10 * 60_000;
const pageSize = 500;

/** People by id, name and email address, cached. */
export class PeopleDirectory {
  readonly #client: SlackClient;
  readonly #names = new Map<string, string>();
  readonly #botNames = new Map<string, string>();
  #everybody = new Map<string, Person>();
  #cursor: string | undefined = '';
  #begun = 0;
  #blocked = false;

  constructor(client: SlackClient) {
    this.#client = client;
  }

  /** Names for display. A name that cannot be looked up stays an id and does not fail the read. */
  async namesOf(ids: Iterable<string>, options: CallOptions): Promise<ReadonlyMap<string, string>> {
    for (const id of new Set(ids)) {
      if (id === '' || this.#names.has(id) || this.#blocked) continue;
      try {
        await this.#learn(id, options);
      } catch (error) {
        if (!(error instanceof ToolError) || error.code === 'cancelled') throw error;
        // Without the scope, or when rate limited, stop looking up the others. Someone from another company may be
        // invisible while the others are not.
        if (error.code === 'not_found' || error.details?.['slack'] === 'user_not_visible') this.#names.set(id, id);
        else if (error.code === 'forbidden') this.#blocked = true;
        else break;
      }
    }
    return this.#names;
  }

  /** Names of apps that post without a name. One that cannot be looked up stays an id. */
  async botNamesOf(ids: Iterable<string>, options: CallOptions): Promise<ReadonlyMap<string, string>> {
    for (const bot of new Set(ids)) {
      if (this.#botNames.has(bot)) continue;
      try {
        const schema = z.object({ bot: z.object({ name: z.string().catch('') }) });
        const answer = await this.#client.call('bots.info', { bot }, schema, options);
        this.#botNames.set(bot, answer.bot.name || bot);
      } catch (error) {
        if (!(error instanceof ToolError) || error.code === 'cancelled') throw error;
        if (error.code === 'rate_limited') break;
        this.#botNames.set(bot, bot);
      }
    }
    return this.#botNames;
  }

  /** Names for mentions. @throws ToolError for an unknown id. Without the scope they stay ids. */
  async require(ids: Iterable<string>, options: CallOptions): Promise<ReadonlyMap<string, string>> {
    for (const id of new Set(ids)) {
      if (this.#names.has(id)) continue;
      try {
        await this.#learn(id, options);
      } catch (error) {
        if (!(error instanceof ToolError) || error.code !== 'forbidden') throw error;
      }
    }
    return this.#names;
  }

  /** Active people whose name or handle contains every word of the query, or whose email address equals it. */
  async search(query: string, options: CallOptions): Promise<Person[]> {
    if (/^[^\s@]+@[^\s@]+$/.test(query)) return this.#byEmail(query, options);
    if (this.#cursor === undefined && Date.now() - this.#begun > freshMs) {
      this.#everybody = new Map();
      this.#cursor = '';
    }
    while (this.#cursor !== undefined) await this.#readPage(options);
    const words = query.toLowerCase().replace(/^@/, '').split(/\s+/);
    return [...this.#everybody.values()].filter((person) => {
      const text = [person.name, person.real_name, person.profile.display_name].join('\n').toLowerCase();
      return !person.deleted && words.every((word) => text.includes(word));
    });
  }

  async #learn(id: string, options: CallOptions): Promise<void> {
    const schema = z.object({ user: personSchema });
    const { user } = await this.#client.call('users.info', { user: id }, schema, options);
    this.#names.set(id, displayName(user));
  }

  async #byEmail(email: string, options: CallOptions): Promise<Person[]> {
    const schema = z.object({ user: personSchema });
    try {
      return [(await this.#client.call('users.lookupByEmail', { email }, schema, options)).user];
    } catch (error) {
      if (error instanceof ToolError && error.code === 'not_found') return [];
      throw error;
    }
  }

  async #readPage(options: CallOptions): Promise<void> {
    const cursor = this.#cursor ?? '';
    if (cursor === '') this.#begun = Date.now();
    const input = { limit: pageSize, ...(cursor !== '' && { cursor }) };
    const page = await this.#client.call('users.list', input, pageSchema, options);
    for (const person of page.members) this.#everybody.set(person.id, person);
    this.#cursor = cursorAfter(cursor, page.response_metadata);
  }
}

export function displayName(person: Person): string {
  return person.real_name || person.profile.display_name || person.name || person.id;
}
