import { ToolError } from '../../kit/errors.ts';
import type { Block, MentionInline } from './blocks.ts';
import { toBlocks } from './markdown-to-blocks.ts';
import { cutText } from './split-messages.ts';
import { escapeMarkup, linkedUrls, plainText } from './blocks-to-text.ts';
import { toMessages } from './split-messages.ts';

/** One call of chat.postMessage or chat.update, without its destination. */
export interface OutgoingPart {
  readonly blocks: readonly Block[];
  /** What notifications and screen readers say; blocks hold the whole. Escaped: Slack reads it as markup. */
  readonly text: string;
}

export interface OutgoingMessage {
  readonly parts: readonly OutgoingPart[];
  /** Hosts of all links, as a browser would resolve them. */
  readonly linkHosts: readonly string[];
  /** HTML comments of the text: nobody would see them. */
  readonly comments: readonly string[];
}

const longestFallback = 2_000;
/** Slack asks for no more; an escape takes up to five times the room of its character. */
const longestEscaped = 4_000;
/** The longest text that a tool takes, 100,000 characters, with room for tables that want messages of their own. */
const mostParts = 30;

/**
 * @param mentions go live, at the head of the first part; nothing in `markdown` does.
 * @throws ToolError when nothing would be seen, or when it takes more messages than are posted at once.
 */
export function composeMessage(markdown: string, mentions: readonly MentionInline[]): OutgoingMessage {
  const comments: string[] = [];
  const blocks = toBlocks(markdown, comments);
  if (plainText(blocks).replace(/[\p{Cf}\p{Z}\p{C}]/gu, '') === '')
    throw new ToolError('invalid_arguments', "'text' would be an empty message: write something to be seen.");
  const all: Block[] = mentions.length === 0 ? blocks : [mentionBlock(mentions), ...blocks];
  const messages = toMessages(all);
  if (messages.length > mostParts)
    throw new ToolError(
      'too_large',
      `'text' takes ${messages.length} Slack messages; at most ${mostParts} are posted.`,
      {
        hint: 'Shorten it, or attach the long part with upload_slack_file.',
      },
    );
  const parts = messages.map((part): OutgoingPart => ({ blocks: part, text: fallbackText(part) }));
  const hosts = linkedUrls(blocks).map((url) => new URL(url).hostname || new URL(url).protocol);
  return { parts, linkHosts: [...new Set(hosts)], comments };
}

function mentionBlock(mentions: readonly MentionInline[]): Block {
  const elements = mentions.flatMap((mention, index) =>
    index === 0 ? [mention] : [{ type: 'text' as const, text: ' ' }, mention],
  );
  return { type: 'rich_text', elements: [{ type: 'rich_text_section', elements }] };
}

function fallbackText(blocks: readonly Block[]): string {
  const text = plainText(blocks);
  const [first = ''] = cutText(text, longestFallback);
  const escaped = escapeMarkup(first.length < text.length ? `${first.trimEnd()}…` : text);
  if (escaped.length <= longestEscaped) return escaped;
  const [start = ''] = cutText(text, longestEscaped / 5);
  return escapeMarkup(`${start.trimEnd()}…`);
}
