/** A name prepared once for many searches, because a list has tens of thousands. */
export interface RankedName {
  /** In small letters. */
  readonly whole: string;
  /** Where its last part begins: the file in a path. */
  readonly base: number;
  /** A bit for each letter that it has, by which most names are ruled out. */
  readonly letters: number;
}

export function rankedName(name: string): RankedName {
  const whole = name.toLowerCase();
  const base = Math.max(whole.lastIndexOf('/'), whole.lastIndexOf('\\')) + 1;
  return { whole, base, letters: lettersOf(whole) };
}

const bits = 31;

function lettersOf(text: string): number {
  let letters = 0;
  for (let at = 0; at < text.length; at += 1) letters |= 1 << (text.charCodeAt(at) % bits);
  return letters;
}

const noMatch = Number.POSITIVE_INFINITY;

/**
 * How well a name fits what was typed; less is better. Best is a name that begins with it, then a part that does, then
 * one that contains it, then one that has its letters in order.
 */
function rankOf({ whole, base, letters }: RankedName, query: string, wanted: number): number {
  if ((letters & wanted) !== wanted) return noMatch;
  const length = whole.length / 10_000;
  const inBase = whole.indexOf(query, base);
  const inside = inBase === -1 ? whole.indexOf(query) : inBase;
  if (inside === -1) return hasInOrder(whole, query) ? 3 + length : noMatch;
  if (inside === base || whole.startsWith(query)) return length;
  return (/[\p{L}\p{N}]/u.test(whole[inside - 1] ?? '') ? 2 : 1) + length;
}

function hasInOrder(name: string, query: string): boolean {
  let at = -1;
  for (let next = 0; next < query.length; next += 1) {
    at = name.indexOf(query[next] ?? '', at + 1);
    if (at === -1) return false;
  }
  return true;
}

/** The best of a list, in order. Equals keep their order, as all do before anything is typed. */
export function bestOf<Item>(
  items: readonly Item[],
  query: string,
  nameOf: (item: Item) => RankedName,
  limit: number,
): readonly Item[] {
  if (query === '') return items.slice(0, limit);
  const small = query.toLowerCase();
  const wanted = lettersOf(small);
  const best: { readonly item: Item; readonly rank: number }[] = [];
  for (const item of items) {
    const rank = rankOf(nameOf(item), small, wanted);
    const worst = best.length < limit ? noMatch : (best.at(-1)?.rank ?? noMatch);
    if (rank >= worst) continue;
    let place = best.length;
    while (place > 0 && (best[place - 1]?.rank ?? 0) > rank) place -= 1;
    best.splice(place, 0, { item, rank });
    if (best.length > limit) best.pop();
  }
  return best.map(({ item }) => item);
}
