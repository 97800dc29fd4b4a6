import { ToolError } from '../kit/errors.ts';
import type { Settings } from './config/config.ts';
import type { DatabaseIo } from './connection/session-lender.ts';
import type { Acting } from './connection/session.ts';
import { Database } from './database.ts';

/** Opens nothing yet: each database is opened on first use. */
export function openDatabases(settings: Settings, io: DatabaseIo): Databases {
  for (const { name, remarks } of settings.targets)
    if (remarks.length > 0) io.log('warn', 'connection settings', { database: name, remarks });
  const all: Database[] = settings.targets.map(
    (target) => new Database(target, settings, io, () => all.filter((database) => database.target !== target)),
  );
  return new Databases(all);
}

/** The databases that a caller may use; the first is the default. */
export class Databases {
  readonly #byName: ReadonlyMap<string, Database>;

  constructor(databases: readonly Database[]) {
    this.#byName = new Map(databases.map((database) => [database.target.name, database]));
  }

  get names(): string[] {
    return [...this.#byName.keys()];
  }

  /** @throws ToolError `not_found` with the names of all databases. */
  pick(name: string | undefined): Database {
    const found = name === undefined ? this.#byName.values().next().value : this.#byName.get(name);
    if (found !== undefined) return found;
    if (this.names.length === 0) throw new ToolError('not_allowed', 'Your groups may use none of the databases.');
    throw new ToolError('not_found', `'database': '${name}' does not exist.`, {
      hint: `Databases: ${this.names.join(', ')}.`,
    });
  }

  /** The same databases, for a caller who may use only these. */
  only(names: readonly string[]): Databases {
    return new Databases([...this.#byName.values()].filter((database) => names.includes(database.target.name)));
  }

  /** The same databases, with the rights of a role. */
  as(acting: Acting): Databases {
    return new Databases([...this.#byName.values()].map((database) => database.as(acting)));
  }

  async dispose(): Promise<void> {
    await Promise.all([...this.#byName.values()].map((database) => database.dispose()));
  }
}
