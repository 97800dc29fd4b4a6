import type { GuardSettings } from './config.ts';
import type { Session } from './session.ts';

/** What the connected database says of the names that queries use, remembered for a short while. */
export class Catalog {
  readonly settings: GuardSettings;
  readonly #typeNames = new Map<number, string>();

  constructor(settings: GuardSettings) {
    this.settings = settings;
  }

  /** Names of types that are not PostgreSQL's own, asked within the session's open transaction. */
  async typeNames(ids: readonly number[], session: Session): Promise<ReadonlyMap<number, string>> {
    const unknown = ids.filter((id) => !this.#typeNames.has(id));
    if (unknown.length > 0) {
      const { rows } = await session.also(
        'select oid, pg_catalog.format_type(oid, null) from pg_catalog.pg_type where oid = any($1)',
        [`{${unknown.join(',')}}`],
      );
      for (const [id, name] of rows) this.#typeNames.set(Number(id), name ?? 'unknown');
    }
    return this.#typeNames;
  }
}
