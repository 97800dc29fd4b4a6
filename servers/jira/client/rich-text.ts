import { effectsOf, type AdfDocument, type Mentions } from '../adf/document.ts';
import { hasTables, tablesAsText } from '../adf/fit.ts';
import { markdownToAdf } from '../adf/from-markdown.ts';
import { adfToMarkdown } from '../adf/to-markdown.ts';
import { ToolError } from '../../kit/errors.ts';
import { adfToWiki } from '../wiki/from-adf.ts';
import { wikiToMarkdown } from '../wiki/to-markdown.ts';
import type { ConvertedText, RichText, RichValue } from './jira-api.ts';

/** Jira's limit for a description or a comment, in characters of what it keeps. Over it a create fails and burns its number. */
const longestText = 32_767;

/** Of Jira Cloud. */
export const adfText: RichText = {
  fromMarkdown: (markdown, field, mentions) =>
    convert(markdown, field, mentions, (document) => ({ value: document, length: JSON.stringify(document).length })),
  toMarkdown: adfToMarkdown,
};

/** Of Jira Data Center. */
export const wikiText: RichText = {
  fromMarkdown: (markdown, field, mentions) =>
    convert(markdown, field, mentions, (document) => {
      const wiki = adfToWiki(document);
      return { value: wiki, length: wiki.length };
    }),
  toMarkdown: (value) => (typeof value === 'string' ? wikiToMarkdown(value) : ''),
};

function convert(
  markdown: string,
  field: string,
  mentions: Mentions | undefined,
  encode: (document: AdfDocument) => { value: RichValue; length: number },
): ConvertedText {
  // Marks of Markdown vanish, but not half of a text: beyond that it is not worth the time to read.
  if (markdown.length > 2 * longestText) throw tooLong(field, markdown.length);
  const document = markdownToAdf(markdown, mentions);
  const effects = effectsOf(document.content);
  const whole = encode(document);
  if (whole.length <= longestText) return { value: whole.value, warnings: [], ...effects };
  const smaller = encode({ ...document, content: tablesAsText(document.content) });
  if (hasTables(document.content) && smaller.length <= longestText)
    return {
      value: smaller.value,
      warnings: [`The tables of '${field}' are shown as text: as tables they are over Jira's limit.`],
      ...effects,
    };
  throw tooLong(field, smaller.length);
}

function tooLong(field: string, length: number): ToolError {
  return new ToolError(
    'too_large',
    `'${field}' is too long for Jira: ${length} characters as Jira keeps it, at most ${longestText}.`,
    {
      hint: 'Shorten it, and put long data into a file with attach_to_jira_issue.',
      details: { field, length, limit: longestText },
    },
  );
}
