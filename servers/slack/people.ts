import * as z from 'zod';
import { ToolError } from '../kit/errors.ts';
import type { CallOptions, SlackClient } from './client.ts';

const userSchema = z.object({
  id: z.string(),
  name: z.string().default(''),
  real_name: z.string().optional(),
  deleted: z.boolean().default(false),
  is_bot: z.boolean().default(false),
  profile: z
    .object({ display_name: z.string().optional(), email: z.string().optional(), title: z.string().optional() })
    .optional(),
});
export type Person = z.infer<typeof userSchema>;
export const personSchema = userSchema;

/** Names of people by id, each asked once. A name that cannot be had is the id: reading goes on. */
export class PeopleDirectory {
  readonly #client: SlackClient;
  readonly #names = new Map<string, string>();
  #blocked = false;

  constructor(client: SlackClient) {
    this.#client = client;
  }

  /** @throws ToolError when there is no such person or Slack cannot be asked. */
  async person(id: string, options: CallOptions): Promise<Person> {
    const answer = await this.#client.call('users.info', { user: id }, z.object({ user: userSchema }), options);
    this.#names.set(id, displayName(answer.user));
    return answer.user;
  }

  async namesOf(ids: Iterable<string>, options: CallOptions): Promise<ReadonlyMap<string, string>> {
    for (const id of new Set(ids)) {
      if (this.#names.has(id) || this.#blocked) continue;
      try {
        await this.person(id, options);
      } catch (error) {
        if (!(error instanceof ToolError) || error.code === 'cancelled') throw error;
        // Without the scope, or limited: no use in asking for the others now.
        if (error.code === 'not_found') this.#names.set(id, id);
        else if (error.code === 'forbidden') this.#blocked = true;
        else break;
      }
    }
    return this.#names;
  }
}

export function displayName(person: Person): string {
  return person.real_name ?? person.profile?.display_name ?? (person.name || person.id);
}
