import { warnOfComments, warnOfLookAlikes } from '../../kit/link-label.ts';
import {
  attribute,
  effectsOf,
  inlineText,
  paragraph,
  text,
  type AdfDocument,
  type Mentions,
  type Node,
} from '../adf/document.ts';
import { markdownToAdf } from '../adf/from-markdown.ts';
import { recordLabel } from './record-label.ts';
import { headOf } from '../adf/head.ts';
import { readEarlier, withMediaOf, writeOver } from '../adf/keep.ts';
import { beyondMarkdown, lostSpecials } from '../adf/special.ts';
import { adfToMarkdown } from '../adf/to-markdown.ts';
import { adfToWiki } from '../wiki/from-adf.ts';
import { lostOfWiki, wikiMentions } from '../wiki/special.ts';
import { wikiFiles, wikiToMarkdown } from '../wiki/to-markdown.ts';
import type { ConvertedText, RichText, RichValue } from './jira-api.ts';

/**
 * For Jira Cloud. @param limit the maximum length of a description or comment in characters. Above it, a create fails
 * and wastes an issue number.
 */
export function adfText(limit: number): RichText {
  return {
    fromMarkdown: (markdown, field, { mentions = new Map(), earlier, signature, record } = {}) => {
      const comments: string[] = [];
      const before = readEarlier(earlier);
      const reading = { mentions: new Map([...before.mentions, ...mentions]), comments };
      const { document, moved } = writeOver(markdown, before, reading);
      const keeps = [...new Set(moved.map((node) => attribute(node, 'alt') || attribute(node, 'id') || 'a file'))];
      const converted = fit(document, {
        markdown,
        field,
        limit,
        signature,
        record,
        encode: (fitted) => ({ ...fitted, content: withMediaOf(document.content, fitted.content) }),
        measure: textLength,
      });
      const lost = lostSpecials(before.blocks, readEarlier(converted.value).blocks);
      const warnings = [
        ...(keeps.length === 0
          ? []
          : [`Moved to the end, because Jira deletes attachments that the text no longer shows: ${keeps.join(', ')}.`]),
        ...lossWarning(field, lost),
        ...noteWarnings(markdown, reading.mentions, comments),
      ];
      return { ...converted, warnings: [...converted.warnings, ...warnings] };
    },
    toMarkdown: adfToMarkdown,
    special: (value) => beyondMarkdown(readEarlier(value).blocks),
  };
}

/** For Jira Data Center. @param limit as for Cloud, in characters of markup. */
export function wikiText(limit: number): RichText {
  return {
    fromMarkdown: (markdown, field, { mentions = new Map(), earlier, signature, record } = {}) => {
      const comments: string[] = [];
      const before = typeof earlier === 'string' ? earlier : '';
      const people = new Map([...wikiMentions(before), ...mentions]);
      const files = [...wikiFiles(before)];
      const kept = new Map(files.map(([address, wiki]) => [address, { type: 'mediaInline', attrs: { wiki } }]));
      const document = markdownToAdf(markdown, { mentions: people, kept, comments });
      const measure = (content: readonly Node[]) =>
        adfToWiki({ type: 'doc', version: 1, content: [...content] }).length;
      // An unchanged text stays exactly the same, whatever its markup contains.
      const isSame = before !== '' && wikiToMarkdown(before).trim() === markdown.trim();
      const encode = (whole: AdfDocument) => (isSame ? before : adfToWiki(whole));
      const converted = fit(document, { markdown, field, limit, signature, record, encode, measure });
      const lost = typeof converted.value === 'string' ? lostOfWiki(before, converted.value) : [];
      const warnings = [...lossWarning(field, lost), ...noteWarnings(markdown, people, comments)];
      return { ...converted, warnings: [...converted.warnings, ...warnings] };
    },
    toMarkdown: (value) => (typeof value === 'string' ? wikiToMarkdown(value) : ''),
    special: (value) => (typeof value === 'string' ? lostOfWiki(value, '') : []),
  };
}

interface Fit {
  readonly markdown: string;
  readonly field: string;
  readonly limit: number;
  readonly signature: string | undefined;
  readonly record: string | undefined;
  readonly encode: (document: AdfDocument) => RichValue;
  readonly measure: (content: readonly Node[]) => number;
}

/** The full text if it fits. Otherwise its beginning, and the full text as a file to attach. */
function fit(
  document: AdfDocument,
  { markdown, field, limit, signature, record, encode, measure }: Fit,
): ConvertedText {
  const ending = [
    ...(signature === undefined ? [] : [paragraph([text(signature, [{ type: 'em' }])])]),
    ...(record === undefined ? [] : [paragraph([text(recordLabel, [{ type: 'link', attrs: { href: record } }])])]),
  ];
  const content = [...document.content, ...ending];
  const length = measure(content);
  if (length <= limit) return { value: encode({ ...document, content }), warnings: [], ...effectsOf(document.content) };
  const name = `${field.replaceAll(/[^\p{L}\p{N}_-]+/gu, '-')}.md`;
  const room = limit - (ending.length === 0 ? 0 : measure(ending) + 2);
  const head: AdfDocument = { ...document, content: [...headOf(document.content, { room, measure, name }), ...ending] };
  return {
    value: encode(head),
    whole: { name, content: markdown },
    warnings: [
      `'${field}' has ${length} characters, and Jira accepts ${limit}. The beginning stays in place, and the full text becomes the attachment ${name}.`,
    ],
    ...effectsOf(document.content),
  };
}

/** Counts as Jira does: the readable text, not the document around it. */
function textLength(nodes: readonly Node[]): number {
  return nodes.reduce((sum, node) => {
    const isLeaf = node.content === undefined;
    return sum + (isLeaf ? inlineText([node]).length : textLength(node.content) + 1);
  }, 0);
}

function lossWarning(field: string, lost: readonly string[]): string[] {
  return lost.length === 0 ? [] : [`The new ${field} no longer has: ${lost.join('; ')}.`];
}

function noteWarnings(markdown: string, mentions: Mentions, comments: readonly string[]): string[] {
  const ids = [...markdown.matchAll(/\[~accountid:([\w:.-]{1,128})\]/g)].map(([, id = '']) => id);
  const silent = [...new Set(ids.filter((id) => !mentions.has(id)))].slice(0, 5);
  const hosts = effectsOf(markdownToAdf(markdown).content).linkHosts;
  return [
    ...(silent.length === 0
      ? []
      : [`Stays plain text and notifies nobody unless listed in 'mentions': ${silent.join(', ')}.`]),
    ...warnOfComments(comments),
    ...warnOfLookAlikes(hosts),
  ];
}
