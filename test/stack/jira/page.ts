import { adfHtml, escapeHtml } from './adf-html.ts';
import { isObject } from './adf-schema.ts';
import type { Answer, Issue } from './model.ts';
import type { Site } from './routes.ts';
import { editScreen } from './store.ts';

/** `/browse/KEY`: the issue, for people. */
export function renderIssue(key: string, site: Site): Answer {
  const issue = site.store.all().find((issue) => issue.key === key);
  if (issue === undefined) return page(404, 'Not found', `<main><h1>There is no issue ${escapeHtml(key)}</h1></main>`);
  const { project } = site.shower;
  const body = `
    <nav><a href="${escapeHtml(site.shower.url)}/">Projects</a> / ${escapeHtml(project(issue.projectKey).name)} / <b>${escapeHtml(issue.key)}</b></nav>
    <main>
      <article>
        <h1>${escapeHtml(issue.fields['summary'])}</h1>
        <h2>Description</h2>
        <section class="rich">${richText(issue.fields['description']) || '<p class="quiet">None</p>'}</section>
        ${attachments(issue)}
        ${comments(issue)}
      </article>
      <aside><dl>${details(issue, namesOf(issue, site))}</dl></aside>
    </main>`;
  return page(200, `[${issue.key}] ${String(issue.fields['summary'])}`, body);
}

/** `/`: all issues, newest first. */
export function renderBoard(site: Site): Answer {
  const rows = site.store
    .all()
    .toReversed()
    .map(
      (issue) =>
        `<tr><td><a href="${escapeHtml(site.shower.url)}/browse/${escapeHtml(issue.key)}">${escapeHtml(issue.key)}</a></td>` +
        `<td>${nameOf(issue.fields['issuetype'])}</td><td>${escapeHtml(issue.fields['summary'])}</td>` +
        `<td>${nameOf(issue.fields['priority'])}</td><td><span class="lozenge">${nameOf(issue.fields['status'])}</span></td></tr>`,
    );
  const table = `<div class="table"><table><tr><th>Key</th><th>Type</th><th>Summary</th><th>Priority</th><th>Status</th></tr>${rows.join('')}</table></div>`;
  const empty = '<p class="quiet">Nothing has been filed yet.</p>';
  return page(
    200,
    'Issues',
    `<nav><b>Issues</b></nav><main><article class="rich">${rows.length === 0 ? empty : table}</article></main>`,
  );
}

function namesOf(issue: Issue, { store }: Site): ReadonlyMap<string, string> {
  return new Map(editScreen(store, issue).map(({ fieldId, name }) => [fieldId, name]));
}

function details(issue: Issue, names: ReadonlyMap<string, string>): string {
  const { fields } = issue;
  const labels = Array.isArray(fields['labels']) ? fields['labels'] : [];
  const rows: [string, string][] = [
    ['Type', nameOf(fields['issuetype'])],
    ['Status', `<span class="lozenge">${nameOf(fields['status'])}</span>`],
    ['Priority', `<span class="priority ${nameOf(fields['priority'])}">${nameOf(fields['priority'])}</span>`],
    ['Assignee', nameOf(fields['assignee'])],
    ['Reporter', nameOf(fields['reporter'])],
    ['Labels', labels.map((label) => `<span class="label">${escapeHtml(label)}</span>`).join(' ') || 'None'],
    ['Created', when(fields['created'])],
  ];
  for (const [id, value] of Object.entries(fields))
    if (id.startsWith('customfield_')) rows.push([escapeHtml(names.get(id) ?? id), plain(value)]);
  for (const link of issue.links) {
    const isInward = link.inward === issue.key;
    const key = escapeHtml(isInward ? link.outward : link.inward);
    rows.push([escapeHtml(isInward ? link.type.outward : link.type.inward), `<a href="${key}">${key}</a>`]);
  }
  return rows.map(([name, value]) => `<dt>${name}</dt><dd>${value}</dd>`).join('');
}

/** Time to the minute, in UTC. */
function when(time: unknown): string {
  return `${escapeHtml(time).slice(0, 16).replace('T', ' ')} UTC`;
}

function attachments(issue: Issue): string {
  if (issue.attachments.length === 0) return '';
  const items = issue.attachments.map(
    ({ filename, content }) => `<li>${escapeHtml(filename)} <span class="quiet">${content.length} bytes</span></li>`,
  );
  return `<h2>Attachments</h2><ul>${items.join('')}</ul>`;
}

function comments(issue: Issue): string {
  if (issue.comments.length === 0) return '';
  const items = issue.comments.map(
    ({ author, body, created }) =>
      `<section class="comment"><header><b>${escapeHtml(author.displayName)}</b> <span class="quiet">${when(created)}</span></header><div class="rich">${richText(body)}</div></section>`,
  );
  return `<h2>Activity</h2>${items.join('')}`;
}

function richText(value: unknown): string {
  return typeof value === 'string' ? `<pre class="wiki">${escapeHtml(value)}</pre>` : adfHtml(value);
}

function plain(value: unknown): string {
  if (Array.isArray(value)) return value.map(plain).join(', ');
  if (isObject(value) && value['type'] === 'doc') return adfHtml(value);
  return isObject(value) ? nameOf(value) : escapeHtml(value);
}

function nameOf(value: unknown): string {
  return isObject(value) ? escapeHtml(value['displayName'] ?? value['name'] ?? value['value']) : 'None';
}

function page(status: number, title: string, body: string): Answer {
  const headers = {
    'content-type': 'text/html;charset=UTF-8',
    'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'",
  };
  const html = `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark"><title>${escapeHtml(title)}</title><style>${style}</style></head><body>
<div class="banner">Jira stand-in: nothing here leaves this machine</div>${body}</body></html>`;
  return { status, headers, body: html };
}

const style = `
:root { color-scheme: light dark; --ink: #172b4d; --quiet: #5e6c84; --paper: #fff; --shade: #f4f5f7; --line: #dfe1e6; --link: #0c5bd1; }
@media (prefers-color-scheme: dark) { :root { --ink: #dee4ea; --quiet: #9fadbc; --paper: #1d2125; --shade: #282e33; --line: #3c454c; --link: #7ab2ff; } }
* { box-sizing: border-box } body { margin: 0; background: var(--paper); color: var(--ink); font: 15px/1.55 system-ui, sans-serif }
.banner { background: var(--shade); color: var(--quiet); font-size: 12px; padding: 4px 24px; border-bottom: 1px solid var(--line) }
nav { padding: 16px 24px 0; color: var(--quiet) } a { color: var(--link) }
main { display: grid; grid-template-columns: minmax(0, 1fr) 280px; gap: 32px; padding: 8px 24px 48px; max-width: 1180px }
@media (max-width: 760px) { main { grid-template-columns: 1fr } }
h1 { font-size: 24px; line-height: 1.25; margin: 12px 0 20px } article > h2 { font-size: 15px; margin: 28px 0 8px }
.rich h1, .rich h2, .rich h3 { font-size: 17px; margin: 20px 0 6px } .quiet { color: var(--quiet) }
aside dl { display: grid; grid-template-columns: 96px minmax(0, 1fr); gap: 10px 12px; margin: 12px 0; padding: 16px; border: 1px solid var(--line); border-radius: 8px }
dt { color: var(--quiet) } dd { margin: 0; overflow-wrap: anywhere }
.lozenge { background: #dfe8fb; color: #0a3d91; border-radius: 4px; padding: 1px 7px; font-size: 12px; font-weight: 700; text-transform: uppercase }
.label { background: var(--shade); border-radius: 4px; padding: 1px 6px } .priority.High, .priority.Highest { color: #c9372c; font-weight: 600 }
.table { overflow-x: auto } table { border-collapse: collapse; margin: 8px 0 } td, th { border: 1px solid var(--line); padding: 6px 10px; text-align: left; vertical-align: top }
th { background: var(--shade) } td p, th p, li p { margin: 0 }
code { background: var(--shade); border-radius: 4px; padding: 1px 4px; font: 13px/1.5 ui-monospace, monospace }
.code { margin: 10px 0; border: 1px solid var(--line); border-radius: 8px; overflow: hidden } .code figcaption { font-size: 12px; color: var(--quiet); padding: 4px 12px; border-bottom: 1px solid var(--line) }
.code pre { margin: 0; padding: 10px 12px; overflow-x: auto; background: var(--shade) } .code code { padding: 0; background: none } .wiki { white-space: pre-wrap }
blockquote { margin: 8px 0; padding-left: 14px; border-left: 3px solid var(--line); color: var(--quiet) }
.panel { border-radius: 6px; padding: 2px 14px; margin: 10px 0; border-left: 4px solid #1d7afc; background: var(--shade) }
.panel.warning { border-color: #e2b203 } .panel.error { border-color: #c9372c } .panel.success { border-color: #22a06b } .panel.note { border-color: #8270db }
.tasks { list-style: none; padding-left: 4px } .mention { background: #dfe8fb; color: #0a3d91; border-radius: 10px; padding: 0 6px }
.comment { border-top: 1px solid var(--line); padding: 10px 0 }
`;
