import { describe, expect, test } from 'vitest';
import { markdownToAdf } from '../../../servers/jira/adf/from-markdown.ts';
import { adfToMarkdown } from '../../../servers/jira/adf/to-markdown.ts';
import { adfToWiki } from '../../../servers/jira/wiki/from-adf.ts';
import { wikiToMarkdown } from '../../../servers/jira/wiki/to-markdown.ts';
import { adfFaults, adfText } from '../../stack/jira/adf-schema.ts';
import { samples } from '../markdown-samples.ts';

describe.each(samples)('%j', (markdown, ...shown) => {
  const document = markdownToAdf(markdown);

  test('is valid and shows every letter', () => {
    expect(adfFaults(document)).toEqual([]);
    for (const part of shown) expect(adfText(document)).toContain(part);
  });

  test('stays the same after a round trip and does not grow', () => {
    const read = adfToMarkdown(document);
    const again = markdownToAdf(read);
    expect(adfText(again)).toBe(adfText(document));
    expect(adfToMarkdown(again)).toBe(read);
  });

  test('survives the markup of Data Center', () => {
    const read = wikiToMarkdown(adfToWiki(document));
    // Plain text is returned without escapes, so it can be read as is or as Markdown.
    const visible = `${read}\n${adfText(markdownToAdf(read))}`;
    for (const part of shown) expect(visible).toContain(part);
  });
});
