import type { Field, IssueType } from '../client/response-schemas.ts';

const freshMs = 5 * 60_000;

/** Caches issue types and create screens, which rarely change and cost one request each. Failures are not cached. */
export class MetadataCache {
  readonly #issueTypes = new Map<string, Entry<readonly IssueType[]>>();
  readonly #fields = new Map<string, Entry<readonly Field[]>>();

  issueTypes(key: string, load: () => Promise<readonly IssueType[]>): Promise<readonly IssueType[]> {
    return remember(this.#issueTypes, key, load);
  }

  fields(key: string, load: () => Promise<readonly Field[]>): Promise<readonly Field[]> {
    return remember(this.#fields, key, load);
  }

  clear(): void {
    this.#issueTypes.clear();
    this.#fields.clear();
  }
}

interface Entry<Value> {
  readonly value: Value;
  readonly until: number;
}

async function remember<Value>(
  entries: Map<string, Entry<Value>>,
  key: string,
  load: () => Promise<Value>,
): Promise<Value> {
  const known = entries.get(key);
  if (known !== undefined && known.until > Date.now()) return known.value;
  const value = await load();
  entries.set(key, { value, until: Date.now() + freshMs });
  return value;
}
