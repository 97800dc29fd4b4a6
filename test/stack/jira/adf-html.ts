import { isObject } from './adf-schema.ts';

export function escapeHtml(text: unknown): string {
  return String(text).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** A document as HTML. All text is escaped, and only web and mail links become links. */
export function adfHtml(node: unknown): string {
  if (!isObject(node)) return '';
  const attributes = isObject(node['attrs']) ? node['attrs'] : {};
  const inner = Array.isArray(node['content']) ? node['content'].map(adfHtml).join('') : '';
  switch (node['type']) {
    case 'doc':
      return inner;
    case 'text':
      return textHtml(String(node['text']), node['marks']);
    case 'paragraph':
      return `<p>${inner}</p>`;
    case 'heading':
      return `<h${Number(attributes['level'])}>${inner}</h${Number(attributes['level'])}>`;
    case 'hardBreak':
      return '<br>';
    case 'rule':
      return '<hr>';
    case 'blockquote':
      return `<blockquote>${inner}</blockquote>`;
    case 'bulletList':
      return `<ul>${inner}</ul>`;
    case 'orderedList':
      return `<ol start="${Number(attributes['order'] ?? 1)}">${inner}</ol>`;
    case 'listItem':
      return `<li>${inner}</li>`;
    case 'taskList':
      return `<ul class="tasks">${inner}</ul>`;
    case 'taskItem':
      return `<li><input type="checkbox" disabled${attributes['state'] === 'DONE' ? ' checked' : ''}> <span>${inner}</span></li>`;
    case 'codeBlock': {
      const language =
        attributes['language'] === undefined ? '' : `<figcaption>${escapeHtml(attributes['language'])}</figcaption>`;
      return `<figure class="code">${language}<pre><code>${inner}</code></pre></figure>`;
    }
    case 'panel':
      return `<div class="panel ${escapeHtml(attributes['panelType'])}">${inner}</div>`;
    case 'table':
      return `<div class="table"><table>${inner}</table></div>`;
    case 'tableRow':
      return `<tr>${inner}</tr>`;
    case 'tableHeader':
      return `<th>${inner}</th>`;
    case 'tableCell':
      return `<td>${inner}</td>`;
    case 'mention':
      return `<span class="mention">${escapeHtml(attributes['text'] ?? attributes['id'])}</span>`;
    case 'emoji':
      return escapeHtml(attributes['text'] ?? attributes['shortName']);
    default:
      return inner;
  }
}

const markTags: Readonly<Record<string, string>> = { strong: 'b', em: 'i', code: 'code', strike: 's', underline: 'u' };

function textHtml(text: string, marks: unknown): string {
  let html = escapeHtml(text);
  for (const mark of Array.isArray(marks) ? marks : []) {
    if (!isObject(mark)) continue;
    const tag = markTags[String(mark['type'])];
    if (tag !== undefined) html = `<${tag}>${html}</${tag}>`;
    const href = isObject(mark['attrs']) ? String(mark['attrs']['href']) : '';
    if (mark['type'] === 'link' && /^(?:https?:|mailto:)/.test(href))
      html = `<a href="${escapeHtml(href)}" rel="noopener noreferrer">${html}</a>`;
  }
  return html;
}
