import { html, nothing, type TemplateResult } from 'lit';
import { codeBlock } from '../components/code-block.ts';
import { icon } from '../components/icons.ts';
import { showReordering } from '../format/invisible.ts';
import { post } from '../host.ts';
import { noFigures, withFigures, type Figures } from './figures.ts';
import { commitNamed, isCommit } from './commit-names.ts';
import type { Names } from './named.ts';
import { noNames, splitNames } from './names.ts';
import { panelIcons, panelOf } from './panels.ts';
import { splitReferences, withoutUnfinished, type Known } from './references.ts';
import { disguisedHost, fileTarget, linkTarget, type Target } from './targets.ts';
import { plainText, toTree, type MarkdownNode } from './tree.ts';
import type { Token } from 'markdown-it';
import type { Block } from './blocks.ts';
import { t } from '../l10n.ts';

type Rendered = TemplateResult | string | typeof nothing;

interface How {
  readonly known: Known;
  /** What this session has named. */
  readonly names: Names;
  /** Figures that no evidence supports. */
  readonly figures: Figures;
  /** More text follows: it would be highlighted again with each piece. */
  readonly growing: boolean;
}

/** Renders markdown-it tokens, never HTML, so that untrusted content can only be text. */
export function renderBlock(
  block: Block,
  known: Known,
  { growing = false, figures = noFigures, names = noNames }: Partial<Omit<How, 'known'>> = {},
): readonly Rendered[] {
  return all(toTree(block.tokens), { known, figures, names, growing });
}

function all(nodes: readonly MarkdownNode[], how: How): readonly Rendered[] {
  return nodes.map((node) => render(node, how));
}

function render(node: MarkdownNode, how: How): Rendered {
  const { token } = node;
  const inside = (): readonly Rendered[] => all(node.children, how);
  switch (token.type) {
    case 'inline':
      return html`${inside()}`;
    case 'paragraph_open':
      return paragraph(node, how);
    case 'heading_open':
      return heading(token.tag, inside());
    case 'bullet_list_open':
      return html`<ul dir=${direction(node)}>
        ${inside()}
      </ul>`;
    case 'ordered_list_open':
      return html`<ol dir=${direction(node)} start=${attribute(token, 'start') || '1'}>
        ${inside()}
      </ol>`;
    case 'list_item_open':
      return html`<li>${inside()}</li>`;
    case 'blockquote_open':
      return panel(node, how) ?? html`<blockquote dir=${direction(node)}>${inside()}</blockquote>`;
    case 'hr':
      return html`<hr />`;
    case 'fence':
    case 'code_block':
      return codeBlock(showReordering(token.content.replace(/\n$/u, '')), {
        language: token.info.trim().split(/\s/u)[0] ?? '',
        growing: how.growing,
      });
    case 'table_open':
      return html`<div class="scroll" tabindex="0" role="group" aria-label=${t('Table')}>
        <table>
          ${inside()}
        </table>
      </div>`;
    default:
      return tableOrInline(node, how);
  }
}

function tableOrInline(node: MarkdownNode, how: How): Rendered {
  const { token } = node;
  const inside = (): readonly Rendered[] => all(node.children, how);
  const align = /right|center/u.exec(attribute(token, 'style'))?.[0] ?? '';
  switch (token.type) {
    case 'thead_open':
      return html`<thead>
        ${inside()}
      </thead>`;
    case 'tbody_open':
      return html`<tbody>
        ${inside()}
      </tbody>`;
    case 'tr_open':
      return html`<tr>
        ${inside()}
      </tr>`;
    case 'th_open':
      return html`<th scope="col" dir="auto" class=${align}>${inside()}</th>`;
    case 'td_open':
      return html`<td dir="auto" class=${align}>${inside()}</td>`;
    case 'strong_open':
      return html`<strong>${inside()}</strong>`;
    case 'em_open':
      return html`<em>${inside()}</em>`;
    case 's_open':
      return html`<s>${inside()}</s>`;
    case 'hardbreak':
      return html`<br />`;
    case 'softbreak':
      return '\n';
    case 'code_inline':
      return inlineCode(token.content, how);
    case 'link_open':
      return link(attribute(token, 'href'), node, how);
    case 'image':
      // Never loaded: an image URL could send data to its host.
      return imageAsLink(attribute(token, 'src'), token.content);
    default:
      return html`${withFigures(how.growing ? withoutUnfinished(token.content) : token.content, how.figures, (text) =>
        withNames(text, how),
      )}`;
  }
}

/** Tables and charts that the paragraph refers to follow it. One that is nothing but a reference gives way to them. */
function paragraph(node: MarkdownNode, how: How): TemplateResult {
  const references = textsIn(node).flatMap((text) => splitReferences(text, how.known));
  const tables = references.flatMap((part) => (typeof part !== 'string' && part.kind === 'table' ? [part] : []));
  const isBare = tables.length > 0 && references.every((part) => typeof part !== 'string' || part.trim() === '');
  const inside = isBare ? nothing : all(node.children, how);
  return html`${node.token.hidden || isBare ? inside : html`<p dir="auto">${inside}</p>`}${tables.map(
    ({ view, chart }) => html`<evidence-table .evidence=${view} .charted=${chart ? true : undefined}></evidence-table>`,
  )}`;
}

/** The texts of a node, without code. */
function textsIn({ token, children }: MarkdownNode): readonly string[] {
  if (children.length > 0) return children.flatMap(textsIn);
  return token.type === 'text' ? [token.content] : [];
}

/** A quote that Jira and GitHub draw as a panel. */
function panel(node: MarkdownNode, how: How): TemplateResult | undefined {
  const found = panelOf(node);
  if (found === undefined) return undefined;
  const { kind, label, children } = found;
  return html`<div class="panel ${kind}" role="note" aria-label=${label} dir=${direction(node)}>
    ${icon(panelIcons[kind])}
    <div>${all(children, how)}</div>
  </div>`;
}

function attribute(token: Token, name: string): string {
  return String(token.attrGet(name) ?? '');
}

/** Direction of a block that contains blocks. `dir="auto"` would ignore them, because they have their own direction. */
function direction({ children }: MarkdownNode): 'rtl' | 'ltr' {
  const first = /\p{L}/u.exec(plainText(children))?.[0] ?? '';
  return /[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}]/u.test(first) ? 'rtl' : 'ltr';
}

/** One or two levels lower than written, because the page has its own headings. */
function heading(tag: string, inside: readonly Rendered[]): TemplateResult {
  if (tag === 'h1') return html`<h3 class="large" dir="auto">${inside}</h3>`;
  return tag === 'h2' ? html`<h3 dir="auto">${inside}</h3>` : html`<h4 dir="auto">${inside}</h4>`;
}

function inlineCode(code: string, { figures, names }: How): TemplateResult {
  const named = names.get(code) ?? (isCommit(code) ? commitNamed(code, names) : undefined);
  if (named !== undefined) return anchor(named.target, html`<code>${code}</code>`, code, named.hint);
  const target = fileTarget(code);
  return target === undefined
    ? html`<code>${withFigures(code, figures, (text) => [showReordering(text)])}</code>`
    : anchor(target, html`<code>${code}</code>`, code);
}

function link(href: string, node: MarkdownNode, how: How): TemplateResult {
  const target = linkTarget(href);
  if (target === undefined) return html`${all(node.children, how)}`;
  const inside = all(node.children, { ...how, known: new Map(), names: noNames });
  return anchor(target, html`${inside}`, plainText(node.children));
}

function imageAsLink(source: string, alternative: string): TemplateResult {
  const target = linkTarget(source);
  const words = `[image${alternative === '' ? '' : `: ${alternative}`}]`;
  return target === undefined ? html`${words}` : anchor(target, html`${words}`, words);
}

/** Names become links, except in what is still being written: `ENG-4` may become `ENG-42`. */
function withNames(text: string, { names, known, growing }: How): readonly (TemplateResult | string)[] {
  return splitNames(text, growing ? noNames : names).flatMap((part) =>
    typeof part === 'string'
      ? withEvidence(showReordering(part), known)
      : [anchor(part.target, part.text, part.text, part.hint)],
  );
}

/** A link that the host opens after checking it again. */
export function anchor(target: Target, content: TemplateResult | string, words: string, hint = ''): TemplateResult {
  const address = target.kind === 'web' ? target.url : target.path;
  const host = disguisedHost(words, target);
  const open = (event: Event): void => {
    event.preventDefault();
    // VS Code listens on the window and would open the URL a second time.
    event.stopPropagation();
    if (target.kind === 'web') post({ type: 'open-link', url: target.url });
    else post({ type: 'open-file', path: target.path, ...(target.line === undefined ? {} : { line: target.line }) });
  };
  return html`<a href=${target.kind === 'web' ? target.url : '#'} title=${hint === '' ? address : hint} @click=${open}
      >${content}</a
    >${host === undefined ? nothing : html`<span class="muted"> (${host})</span>`}`;
}

/** Turns `E1` and `{{E1}}` into a link to its table. The panel listens for `reveal-evidence`. */
export function withEvidence(text: string, known: Known): readonly (TemplateResult | string)[] {
  return splitReferences(text, known).flatMap((part) => {
    if (typeof part === 'string')
      return part.split(/\b(E\d{1,5})\b/u).map((word) => (known.has(word) ? evidenceLink(word) : word));
    if (part.kind === 'value') return [evidenceLink(part.id, showReordering(part.text))];
    const id = part.kind === 'table' ? part.view.id : part.id;
    return [known.has(id) ? evidenceLink(id) : id];
  });
}

export function evidenceLink(id: string, words = id): TemplateResult {
  const reveal = ({ target }: Event): void => {
    target?.dispatchEvent(new CustomEvent('reveal-evidence', { detail: id, bubbles: true }));
  };
  return html`<button class="evidence-link" title=${t('Show table {0}', id)} @click=${reveal}>${words}</button>`;
}
