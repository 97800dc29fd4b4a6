/** Names of non-text features that occur less often in the second markup: images, mentions, macros, colors. */
export function lostOfWiki(before: string, after: string): string[] {
  const left = countsOf(after);
  return [...countsOf(before)].flatMap(([name, count]) => (count > (left.get(name) ?? 0) ? [name] : []));
}

const mention = /(?<!\\)\[~(?:accountid:)?([^\]\s]{1,100})\]/g;

/** People mentioned in the markup, as identified there. */
export function wikiMentions(wiki: string): ReadonlyMap<string, string> {
  return new Map([...wiki.matchAll(mention)].map(([, name = '']) => [name, name]));
}

const ours = new Set(['code', 'noformat', 'quote']);

function countsOf(wiki: string): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  const add = (name: string): void => void counts.set(name, (counts.get(name) ?? 0) + 1);
  const text = wiki.replaceAll(/\{(code|noformat)(?::[^}\n]*)?\}[\s\S]*?\{\1\}/g, '');
  for (const [, name = ''] of text.matchAll(/(?<![\\\p{L}\p{N}])!([^!\n|\s][^!\n|]{0,200}\.\w{1,5})(?:\|[^!\n]*)?!/gu))
    add(`the image ${name}`);
  for (const [, name = ''] of text.matchAll(mention)) add(`the mention of ${name}`);
  for (const [, name = ''] of text.matchAll(/(?<!\\)\[\^([^\]\n]{1,200})\]/g)) add(`the link to the file ${name}`);
  // Each occurs twice: at its start and its end.
  for (const [, name = ''] of text.matchAll(/(?<![\\{])\{([a-z][a-z-]{1,30})(?::[^{}\n]*)?\}/g))
    if (!ours.has(name)) add(name === 'color' ? 'colored text' : `the macro {${name}}`);
  return counts;
}
