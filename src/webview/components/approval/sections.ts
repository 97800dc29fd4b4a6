import { plural } from '../../format/quantity.ts';

/** How much a folded text holds, in the largest of its parts: "5 sections", "12 paragraphs", "1 line". */
export function sectionsOf(text: string): string {
  const headings = text.match(/^ {0,3}#{1,6}\s+\S/gmu)?.length ?? 0;
  if (headings > 1) return plural(headings, 'section');
  const paragraphs = text.split(/\n\s*\n/u).filter((part) => part.trim() !== '').length;
  return paragraphs > 1 ? plural(paragraphs, 'paragraph') : plural(text.split('\n').length, 'line');
}
