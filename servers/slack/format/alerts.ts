import type { Inline } from './blocks.ts';

/** GitHub's alerts, with the titles that GitHub shows instead of the markers. */
const titles: ReadonlyMap<string, string> = new Map([
  ['NOTE', 'Note'],
  ['TIP', 'Tip'],
  ['IMPORTANT', 'Important'],
  ['WARNING', 'Warning'],
  ['CAUTION', 'Caution'],
]);

/**
 * A quote whose first line is `> [!WARNING]` starts with its title in bold; Slack has no panels.
 * @param source the first line of the quote as written: an escaped bracket is not an alert.
 */
export function titleAlert(inlines: readonly Inline[], source: string): readonly Inline[] {
  const name = /^[\s>*+\-\d.)]*> ?\[!([A-Z]+)\]\s*$/.exec(source)?.[1] ?? '';
  const title = titles.get(name);
  const [first, ...rest] = inlines;
  if (title === undefined || first?.type !== 'text' || first.style !== undefined) return inlines;
  const text = first.text.replace(`[!${name}]`, '');
  return [{ type: 'text', text: title, style: { bold: true } }, ...(text === '' ? [] : [{ ...first, text }]), ...rest];
}
