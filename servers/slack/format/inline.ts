import type { Token } from 'markdown-it';
import { type Inline, limits, type Style } from './blocks.ts';

/** Common names that Slack draws as pictures; anything else between colons stays as written. */
const emojiNames = new Set(
  `+1 -1 alarm_clock arrow_down arrow_up bangbang bar_chart bell boom bug bulb calendar chart_with_downwards_trend
  chart_with_upwards_trend clipboard construction eyes fire green_circle hourglass information_source large_green_circle
  large_yellow_circle link lock mag memo moneybag no_entry package ok_hand pushpin question red_circle rocket rotating_light
  snail sparkles tada thumbsup ticket tools unlock warning wave white_check_mark wrench x zap`.split(/\s+/),
);
const emojiPattern = /(?<![\w:]):([a-z0-9_+-]+):(?![\w:])/g;

/** The inline tokens of one Markdown block, in order. Loses no character of what a reader would see. */
export function toInlines(tokens: readonly Token[] | null): Inline[] {
  const output: Inline[] = [];
  const open = { bold: 0, italic: 0, strike: 0 };
  let link: { url: string; start: number } | undefined;
  const style = (code: boolean): Style => ({
    ...(open.bold > 0 && { bold: true }),
    ...(open.italic > 0 && { italic: true }),
    ...(open.strike > 0 && { strike: true }),
    ...(code && { code: true }),
  });
  for (const token of tokens ?? []) {
    const step = token.nesting;
    if (token.type.startsWith('strong_')) open.bold += step;
    else if (token.type.startsWith('em_')) open.italic += step;
    else if (token.type.startsWith('s_')) open.strike += step;
    else if (token.type === 'link_open') link = { url: attribute(token, 'href'), start: output.length };
    else if (token.type === 'link_close') {
      if (link !== undefined) output.push(...closeLink(link.url, output.splice(link.start)));
      link = undefined;
    } else if (token.type === 'softbreak' || token.type === 'hardbreak') output.push({ type: 'text', text: '\n' });
    else if (token.type === 'code_inline') output.push({ type: 'text', text: token.content, style: style(true) });
    else if (token.type === 'image')
      output.push(...closeLink(attribute(token, 'src'), [{ type: 'text', text: token.content || 'image' }]));
    else if (token.content !== '') output.push({ type: 'text', text: token.content, style: style(false) });
  }
  return mergeText(output.flatMap(withEmoji));
}

/** Empty where the token has none. */
export function attribute(token: Token, name: string): string {
  return String(token.attrGet(name) ?? '');
}

function withEmoji(inline: Inline): Inline[] {
  if (inline.type !== 'text' || inline.style?.code === true) return [inline];
  const output: Inline[] = [];
  let last = 0;
  for (const match of inline.text.matchAll(emojiPattern)) {
    const name = match[1] ?? '';
    if (!emojiNames.has(name)) continue;
    if (match.index > last) output.push({ ...inline, text: inline.text.slice(last, match.index) });
    output.push({ type: 'emoji', name });
    last = match.index + match[0].length;
  }
  if (last < inline.text.length) output.push({ ...inline, text: inline.text.slice(last) });
  return output;
}

/**
 * A link whose text could be taken for another address is taken apart: the text stays text, the true address follows.
 * So is one that Slack would not take (scheme, length).
 */
function closeLink(url: string, inner: readonly Inline[]): Inline[] {
  const label = inner.map((item) => ('text' in item ? (item.text ?? '') : '')).join('');
  const target = parseAddress(url);
  if (target === undefined || url.length > limits.url) return [...inner, { type: 'text', text: ` (${url})` }];
  const style = inner.find((item) => item.type === 'text')?.style;
  const link = (text?: string): Inline => ({
    type: 'link',
    url,
    ...(text !== undefined && { text }),
    ...(style !== undefined && Object.keys(style).length > 0 && { style }),
  });
  // A picture in a link has an address of its own.
  const nested = inner.some((item) => item.type !== 'text');
  if (!nested && (label === '' || label === url)) return [link()];
  if (!nested && !misleads(label, target)) return [link(label)];
  return [...inner, { type: 'text', text: ' (' }, link(), { type: 'text', text: ')' }];
}

/** @returns undefined for anything but http, https and mailto. */
function parseAddress(url: string): URL | undefined {
  if (!URL.canParse(url)) return undefined;
  const parsed = new URL(url);
  return ['http:', 'https:', 'mailto:'].includes(parsed.protocol) ? parsed : undefined;
}

const hostLike = /(?:[a-z][a-z0-9+.-]*:\/\/[^\s/]+)|(?:[\p{L}\p{N}-]+\.)+\p{L}{2,}/giu;

function misleads(label: string, target: URL): boolean {
  // Invisible characters would hide an address from this check, not from the reader's eye.
  const seen = label.normalize('NFKC').replace(/[\p{Cf}\p{Mn}]/gu, '');
  return [...seen.matchAll(hostLike)].some(([found]) => {
    const text = found.includes('://') ? found : `https://${found}`;
    return !URL.canParse(text) || new URL(text).hostname !== target.hostname;
  });
}

/** Neighbours of one style become one; styles without content go. */
export function mergeText(inlines: readonly Inline[]): Inline[] {
  const output: Inline[] = [];
  for (const inline of inlines) {
    if (inline.type !== 'text') {
      output.push(inline);
      continue;
    }
    if (inline.text === '') continue;
    const last = output.at(-1);
    const clean: Inline = {
      type: 'text',
      text: inline.text,
      ...(inline.style !== undefined && Object.keys(inline.style).length > 0 && { style: inline.style }),
    };
    if (last?.type === 'text' && JSON.stringify(last.style) === JSON.stringify(clean.style))
      output[output.length - 1] = { ...clean, text: last.text + clean.text };
    else output.push(clean);
  }
  return output;
}
