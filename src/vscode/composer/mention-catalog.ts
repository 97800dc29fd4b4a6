import type { Completion, Trigger } from '../../chat/mentions.ts';
import { bestOf } from '../../chat/rank-names.ts';
import type { Fact, Mention, MentionSearch, MentionSource } from './mention-source.ts';

export interface CatalogOptions {
  readonly sources: readonly MentionSource[];
  readonly searches: readonly MentionSearch[];
  /** More can be offered than at the last call of `complete`. */
  readonly onChanged: () => void;
  readonly report: (error: unknown) => void;
  readonly now: () => number;
}

/** Completes names from what is known. Never waits, and asks no model. */
export interface MentionCatalog {
  readonly complete: (trigger: Trigger, query: string) => Offer;
  /** Facts of the mentions that were offered, without those that have become unknown. */
  readonly resolve: (ids: readonly string[]) => Promise<readonly Fact[]>;
  /** Forgets what is known: the connections have changed. */
  readonly reset: () => void;
  readonly dispose: () => void;
}

export interface Offer {
  readonly items: readonly Completion[];
  /** A source has not answered yet. */
  readonly loading: boolean;
}

const maxItems = 30;
const maxOfSource = 12;
/** Of each source, before anything is typed. */
const maxOfSourceUnasked = 5;
const maxRemembered = 2000;
const limitMs = 30_000;
/** A source that failed is not asked again at every key. */
const afterFailureMs = 20_000;
const shortestSearch = 2;
const maxSearches = 200;

export function createMentionCatalog(options: CatalogOptions): MentionCatalog {
  const { report } = options;
  let life = new AbortController();
  const begin = (): readonly Known[] => [
    ...options.sources.map((source) => knownOfSource(source, options, life.signal)),
    ...options.searches.map((search) => knownOfSearch(search, options, life.signal)),
  ];
  let known = begin();
  const offered = new Map<string, Mention>();
  const remember = (items: readonly Mention[]): void => {
    for (const item of items) {
      offered.delete(item.id);
      offered.set(item.id, item);
    }
    for (const id of [...offered.keys()].slice(0, -maxRemembered)) offered.delete(id);
  };
  return {
    complete: (trigger, query) => {
      const own = known.filter((each) => each.trigger === trigger);
      const limit = query === '' ? maxOfSourceUnasked : maxOfSource;
      const best = own.flatMap((each) => bestOf(each.listFor(query), query, ({ name }) => name, limit));
      const unique = [...new Map(best.map((item) => [item.id, item])).values()];
      const items = bestOf(unique, query, ({ name }) => name, maxItems);
      remember(items);
      return { items: items.map(shown), loading: own.some((each) => each.isLoading(query)) };
    },
    resolve: async (ids) => {
      const signal = AbortSignal.any([life.signal, AbortSignal.timeout(limitMs)]);
      const chosen = ids.flatMap((id) => offered.get(id) ?? []);
      const facts = await Promise.all(chosen.map(({ fact }) => fact(signal).catch(report)));
      return facts.filter((fact) => typeof fact === 'object');
    },
    reset: () => {
      life.abort();
      life = new AbortController();
      known = begin();
    },
    dispose: () => life.abort(),
  };
}

/** What one source has given so far. Asking for more is its own concern. */
interface Known {
  readonly trigger: Trigger;
  readonly listFor: (query: string) => readonly Mention[];
  readonly isLoading: (query: string) => boolean;
}

function knownOfSource(source: MentionSource, options: CatalogOptions, signal: AbortSignal): Known {
  const { now, onChanged, report } = options;
  let list: readonly Mention[] = [];
  let staleAt = 0;
  let isLoading = false;
  const load = async (): Promise<void> => {
    isLoading = true;
    try {
      list = await source.load(AbortSignal.any([signal, AbortSignal.timeout(limitMs)]));
      staleAt = now() + source.freshMs;
    } catch (error) {
      staleAt = now() + afterFailureMs;
      if (!signal.aborted) report(error);
    }
    isLoading = false;
    if (!signal.aborted) onChanged();
  };
  return {
    trigger: source.trigger,
    listFor: () => {
      if (!isLoading && now() >= staleAt) void load();
      return list;
    },
    isLoading: () => isLoading,
  };
}

function knownOfSearch({ trigger, search }: MentionSearch, options: CatalogOptions, signal: AbortSignal): Known {
  const { onChanged, report } = options;
  /** Undefined while it is searched for. */
  const found = new Map<string, readonly Mention[] | undefined>();
  const find = async (query: string, key: string): Promise<void> => {
    found.set(key, undefined);
    if (found.size > maxSearches) found.delete(found.keys().next().value ?? '');
    try {
      found.set(key, await search(query, AbortSignal.any([signal, AbortSignal.timeout(limitMs)])));
    } catch (error) {
      found.set(key, []);
      if (!signal.aborted) report(error);
    }
    if (!signal.aborted) onChanged();
  };
  return {
    trigger,
    listFor: (query) => {
      const key = query.toLowerCase();
      if (query.length >= shortestSearch && !found.has(key)) void find(query, key);
      return found.get(key) ?? [];
    },
    isLoading: (query) => found.has(query.toLowerCase()) && found.get(query.toLowerCase()) === undefined,
  };
}

function shown({ id, kind, label, detail, insert }: Mention): Completion {
  return { id, kind, label, detail, insert };
}
