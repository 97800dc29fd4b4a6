import { ToolError } from '../kit/errors.ts';
import type { Log } from '../kit/log.ts';
import type { Settings } from './config/config.ts';
import { Database } from './database.ts';
import type { Target } from './config/database-settings.ts';

/** All configured databases; the first is the default. Each is opened on first use. */
export class Databases {
  readonly #byName: ReadonlyMap<string, Database>;
  readonly #first: Database;

  constructor(settings: Settings, log: Log) {
    const [first, ...rest] = settings.targets;
    for (const { name, remarks } of settings.targets)
      if (remarks.length > 0) log('warn', 'connection settings', { database: name, remarks });
    const open = (target: Target): Database =>
      new Database(target, settings, log, () =>
        [...this.#byName.values()].filter((database) => database.target !== target),
      );
    this.#first = open(first);
    this.#byName = new Map([this.#first, ...rest.map(open)].map((database) => [database.target.name, database]));
  }

  get names(): string[] {
    return [...this.#byName.keys()];
  }

  /** @throws ToolError `not_found` with the names of all databases. */
  pick(name: string | undefined): Database {
    const found = name === undefined ? this.#first : this.#byName.get(name);
    if (found !== undefined) return found;
    throw new ToolError('not_found', `'database': '${name}' does not exist.`, {
      hint: `Databases: ${this.names.join(', ')}.`,
    });
  }

  async dispose(): Promise<void> {
    await Promise.all([...this.#byName.values()].map((database) => database.dispose()));
  }
}
