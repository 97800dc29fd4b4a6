import * as z from 'zod';
import { ToolError } from '../kit/errors.ts';
import type { SlackClient } from './client.ts';
import type { CallOptions } from './client-settings.ts';

const groupSchema = z.object({
  id: z.string(),
  name: z.string().catch(''),
  handle: z.string().catch(''),
  description: z.string().catch(''),
  user_count: z.coerce.number().optional().catch(undefined),
  date_delete: z.number().catch(0),
});
export type UserGroup = z.infer<typeof groupSchema>;

const freshMs = 10 * 60_000;

/** User groups such as @oncall. All are read at once, because Slack does not page them. */
export class GroupDirectory {
  readonly #client: SlackClient;
  #groups: readonly UserGroup[] = [];
  #readAt: number | undefined;
  #failedAt: number | undefined;

  constructor(client: SlackClient) {
    this.#client = client;
  }

  /** Handles by id, for display. Empty without the scope. */
  async names(options: CallOptions): Promise<ReadonlyMap<string, string>> {
    const groups = await this.list(options);
    return new Map(groups.map(({ id, handle, name }) => [id, handle || name || id]));
  }

  /** Groups whose handle or name contains every word of the query. */
  async search(query: string, options: CallOptions): Promise<UserGroup[]> {
    const words = query.toLowerCase().replace(/^@/, '').split(/\s+/);
    const groups = await this.list(options);
    return groups.filter(({ handle, name }) =>
      words.every((word) => `${handle}\n${name}`.toLowerCase().includes(word)),
    );
  }

  /** Empty when Slack does not list them (no scope, no paid plan, rate limit). Names are useful but optional. */
  async list(options: CallOptions): Promise<readonly UserGroup[]> {
    const last = this.#readAt ?? this.#failedAt;
    if (last !== undefined && Date.now() - last < freshMs) return this.#groups;
    const schema = z.object({ usergroups: z.array(groupSchema).catch([]) });
    try {
      const { usergroups } = await this.#client.call('usergroups.list', { include_count: true }, schema, options);
      this.#groups = usergroups.filter((group) => group.date_delete === 0);
      this.#readAt = Date.now();
    } catch (error) {
      if (!(error instanceof ToolError) || error.code === 'cancelled') throw error;
      this.#failedAt = Date.now();
    }
    return this.#groups;
  }
}
