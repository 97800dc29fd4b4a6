import { createHash } from 'node:crypto';
import type { Catalogue, CatalogueTool } from './catalogue.ts';

const style = `
:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; }
body { max-width: 60rem; margin: 0 auto; padding: 1rem; }
section { border-top: 1px solid color-mix(in srgb, currentColor 25%, transparent); padding-bottom: .5rem; }
code, pre { font-family: ui-monospace, monospace; font-size: .9em; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; padding: .5rem; background: color-mix(in srgb, currentColor 8%, transparent); }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .2rem .6rem .2rem 0; }
th[scope=row] { width: 12rem; }
.risk { font-size: .75rem; font-weight: 600; border: 1px solid; border-radius: 1rem; padding: .1rem .6rem; vertical-align: middle; }
h2 { overflow-wrap: anywhere; }
@media (max-width: 40rem) {
  thead { display: none; }
  tr { display: flex; flex-wrap: wrap; padding-bottom: .4rem; }
  th, td { overflow-wrap: anywhere; max-width: 100%; }
  th[scope=row] { width: 100%; padding-bottom: 0; }
}
`;

/** No script runs and nothing is loaded, whatever a description contains. */
export const pageHeaders = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': `default-src 'none'; style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
} as const;

export function cataloguePage({ title, scopes, tools }: Catalogue): string {
  const reads = tools.filter(({ risk }) => risk === 'read').length;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escapeHtml(title)}: tools</title>
<style>${style}</style>
</head>
<body>
<main>
<h1>${escapeHtml(title)}</h1>
<p>${reads} tools read, with the scope <code>${escapeHtml(scopes.read)}</code>. ${tools.length - reads} write, with
<code>${escapeHtml(scopes.write)}</code> besides: each shows first what it would do, and happens once for each idempotency key.
The same <a href="catalogue.json">as JSON</a>.</p>
<nav aria-label="Tools">
<table>
<thead><tr><th scope="col">Tool</th><th scope="col">Risk</th><th scope="col">What it does</th></tr></thead>
<tbody>
${tools.map(rowOf).join('\n')}
</tbody>
</table>
</nav>
${tools.map(sectionOf).join('\n')}
</main>
</body>
</html>
`;
}

function rowOf({ name, risk, description }: CatalogueTool): string {
  return `<tr><td><a href="#${escapeHtml(name)}"><code>${escapeHtml(name)}</code></a></td><td>${risk}</td><td>${escapeHtml(description)}</td></tr>`;
}

function sectionOf(tool: CatalogueTool): string {
  const { name, title, description, risk, scopes, upstreamScopes, limit, destination, undo, isForPeople } = tool;
  const codes = (words: readonly string[]): string =>
    words.map((word) => `<code>${escapeHtml(word)}</code>`).join(', ');
  const facts = [
    ['Scopes', codes(scopes)],
    ['Needed at the system', codes(upstreamScopes)],
    ['Limit', limit === undefined ? '' : escapeHtml(limit.replace('/', ' calls in '))],
    ['Writes to', codes(destination)],
    ['Undo', escapeHtml(undo ?? '')],
    ['For', isForPeople ? 'people who undo something; a model is not offered it' : ''],
  ].filter(([, value]) => value !== '');
  return `<section id="${escapeHtml(name)}" aria-labelledby="${escapeHtml(name)}-title">
<h2 id="${escapeHtml(name)}-title"><code>${escapeHtml(name)}</code> <span class="risk">${risk}</span></h2>
<p>${escapeHtml(title)}. ${escapeHtml(description)}</p>
<table>
<tbody>
${facts.map(([head, value]) => `<tr><th scope="row">${head}</th><td>${value}</td></tr>`).join('\n')}
</tbody>
</table>
${argumentTable(tool)}
${tool.example === undefined ? '' : `<h3>Example</h3>\n<pre>${escapeHtml(JSON.stringify({ name, arguments: tool.example }, null, 2))}</pre>`}
</section>`;
}

function argumentTable({ arguments: list }: CatalogueTool): string {
  if (list.length === 0) return '<p>It takes no arguments.</p>';
  const rows = list.map(
    ({ name, type, isRequired, description }) =>
      `<tr><td><code>${escapeHtml(name)}</code></td><td><code>${escapeHtml(type)}</code></td><td>${isRequired ? 'required' : 'optional'}</td><td>${escapeHtml(description)}</td></tr>`,
  );
  return `<h3>Arguments</h3>
<table>
<thead><tr><th scope="col">Name</th><th scope="col">Type</th><th scope="col">Needed</th><th scope="col">Meaning</th></tr></thead>
<tbody>
${rows.join('\n')}
</tbody>
</table>`;
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => entities[character] ?? '');
}
