import { ToolError } from '../../kit/errors.ts';
import type { Block, MentionInline } from './blocks.ts';
import { toBlocks } from './markdown-to-blocks.ts';
import { cutText } from './split-messages.ts';
import { escapeMarkup, linkedUrls, plainText } from './blocks-to-text.ts';
import { toMessages } from './split-messages.ts';

/** One call of chat.postMessage or chat.update, without its destination. */
export interface OutgoingPart {
  readonly blocks: readonly Block[];
  /** Text for notifications and screen readers; the blocks hold everything. Escaped, because Slack parses it as markup. */
  readonly text: string;
}

export interface OutgoingMessage {
  readonly parts: readonly OutgoingPart[];
  /** The hosts of all links, as a browser resolves them. */
  readonly linkHosts: readonly string[];
  /** HTML comments in the text, which are invisible to readers. */
  readonly comments: readonly string[];
}

const longestFallback = 2_000;
/** Slack's recommended maximum. An escape takes up to five times the space of its character. */
const longestEscaped = 4_000;
/** Fits the longest text a tool accepts, 100,000 characters, plus tables that need their own messages. */
const mostParts = 30;

/**
 * @param signature a last line.
 * @param mentions placed at the start of the first part as live mentions. Nothing in `markdown` becomes one.
 * @throws ToolError when the message would be empty or needs more messages than one call may post.
 */
export function composeMessage(
  markdown: string,
  mentions: readonly MentionInline[],
  signature?: string,
): OutgoingMessage {
  const comments: string[] = [];
  const blocks = toBlocks(markdown, comments);
  if (plainText(blocks).replace(/[\p{Cf}\p{Z}\p{C}]/gu, '') === '')
    throw new ToolError('invalid_arguments', "'text' would be an empty message. Add visible text.");
  const all: Block[] = [
    ...(mentions.length === 0 ? [] : [mentionBlock(mentions)]),
    ...blocks,
    ...(signature === undefined ? [] : [signatureBlock(signature)]),
  ];
  const messages = toMessages(all);
  if (messages.length > mostParts)
    throw new ToolError(
      'too_large',
      `'text' needs ${messages.length} Slack messages; at most ${mostParts} are allowed.`,
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

function signatureBlock(signature: string): Block {
  const line = { type: 'text', text: signature, style: { italic: true } } as const;
  return { type: 'rich_text', elements: [{ type: 'rich_text_section', elements: [line] }] };
}

function fallbackText(blocks: readonly Block[]): string {
  const text = plainText(blocks);
  const [first = ''] = cutText(text, longestFallback);
  const escaped = escapeMarkup(first.length < text.length ? `${first.trimEnd()}…` : text);
  if (escaped.length <= longestEscaped) return escaped;
  const [start = ''] = cutText(text, longestEscaped / 5);
  return escapeMarkup(`${start.trimEnd()}…`);
}
