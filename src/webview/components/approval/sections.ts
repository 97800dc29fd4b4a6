import { plural } from '../../l10n.ts';

/** How much a folded text holds, in the largest of its parts: "5 sections", "12 paragraphs", "1 line". */
export function sectionsOf(text: string): string {
  const headings = text.match(/^ {0,3}#{1,6}\s+\S/gmu)?.length ?? 0;
  if (headings > 1) return plural(headings, '{0} section', '{0} sections');
  const paragraphs = text.split(/\n\s*\n/u).filter((part) => part.trim() !== '').length;
  return paragraphs > 1
    ? plural(paragraphs, '{0} paragraph', '{0} paragraphs')
    : plural(text.split('\n').length, '{0} line', '{0} lines');
}
