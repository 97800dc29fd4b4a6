import type { Token } from 'markdown-it';
import { misleads } from '../../kit/link-label.ts';
import { type Inline, limits, type Style } from './blocks.ts';
import { withEmoji } from './emoji.ts';

/** The inline elements of one Markdown block, in order. No visible character is lost. */
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

/** Empty if the token has none. */
export function attribute(token: Token, name: string): string {
  return String(token.attrGet(name) ?? '');
}

/**
 * A link whose text looks like a different address is split: the text stays plain, and the true address follows it. So
 * is a link that Slack would reject because of its scheme or length.
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
  // An image inside a link has its own address.
  const nested = inner.some((item) => item.type !== 'text');
  if (!nested && (label === '' || label === url)) return [link()];
  if (!nested && !misleads(label, target)) return [link(label)];
  // A host with lookalike letters is shown in its true form.
  if (!nested && isSameAddress(label, target)) return [link()];
  return [...inner, { type: 'text', text: ' (' }, link(), { type: 'text', text: ')' }];
}

/** The address as written, and as a browser resolves it. */
function isSameAddress(label: string, target: URL): boolean {
  return URL.canParse(label) && new URL(label).href === target.href;
}

/** @returns undefined for anything but http, https and mailto. */
function parseAddress(url: string): URL | undefined {
  if (!URL.canParse(url)) return undefined;
  const parsed = new URL(url);
  return ['http:', 'https:', 'mailto:'].includes(parsed.protocol) ? parsed : undefined;
}

/** Merges neighbours of the same style and drops styles without content. */
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
