import { createHash } from 'node:crypto';
import type { RunEvent } from '../../agent/events.ts';
import { showInvisible } from '../../agent/untrusted-text.ts';
import type { SessionContent, TimedEvent } from '../../sessions/session-record.ts';
import type { WaitingWrite } from '../approvals/waiting-write.ts';
import { html, Markup } from './html.ts';
import { style } from './record-style.ts';

type EventOf<Type extends RunEvent['type']> = Extract<RunEvent, { type: Type }>;

/** All rows are in the session. */
const maxRows = 50;
const maxText = 20_000;

/** In one piece: a space more, and the hash of the policy would not be that of its content. */
const styleElement = new Markup(`<style>${style}</style>`);

/** A page that loads nothing and runs nothing, but this style. */
export const recordPolicy = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'`,
  "frame-ancestors 'none'",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

/** What happened in a session, for reading: what was asked, found, allowed by whom, and done. */
export function recordPage(content: SessionContent, approvals: readonly WaitingWrite[]): string {
  const events = joined(content.events);
  const end = events.findLast(({ event }) => event.type === 'run-finished')?.event;
  const outcome = end?.type === 'run-finished' ? `${end.reason}: ${end.message}` : 'in progress, or interrupted';
  const title = content.title === '' ? content.id : content.title;
  return page(
    title,
    html`<header>
        <h1>${line(title)}</h1>
        <p>Session <code>${content.id}</code>, started ${content.created}</p>
        <p class="outcome">${line(outcome)}</p>
        <p><a href="/runs/${encodeURIComponent(content.id)}/postmortem.md">Draft of a postmortem</a></p>
        ${damage(content)}
      </header>
      ${approvals.length === 0 ? undefined : approvalTable(approvals)}
      <main>
        <h2>Timeline</h2>
        <ol>
          ${events.flatMap((event) => entry(event) ?? [])}
        </ol>
      </main>`,
  );
}

/** A page of the service, such as one that says why there is nothing to see. */
export function page(title: string, body: Markup): string {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width" />
        <title>${line(title)} · Switchboard</title>
        ${styleElement}
      </head>
      <body>
        ${body}
      </body>
    </html> `.text;
}

function damage({ damage: { lines, lostBytes } }: SessionContent): Markup | undefined {
  if (lines + lostBytes === 0) return undefined;
  return html`<p class="warning">Incomplete: ${lines} records could not be read, ${lostBytes} bytes were lost.</p>`;
}

function approvalTable(approvals: readonly WaitingWrite[]): Markup {
  const rows = approvals.map(
    ({ request, state, answer, digest, created }) =>
      html`<tr>
        <td>${line(request.preview?.title ?? request.tool.title)}</td>
        <td>${line(request.preview?.destination.name ?? '')}</td>
        <td>${created.toISOString()}</td>
        <td>${state}</td>
        <td>${answer === undefined ? '' : `${line(answer.who)}, ${answer.from}, ${answer.time.toISOString()}`}</td>
        <td><code>${digest.slice(0, 16)}</code></td>
      </tr>`,
  );
  return html`<section>
    <h2>Approvals</h2>
    <div class="wide">
      <table>
        <tr>
          <th>write</th>
          <th>to</th>
          <th>asked</th>
          <th>answer</th>
          <th>by</th>
          <th>hash of what was shown</th>
        </tr>
        ${rows}
      </table>
    </div>
  </section>`;
}

/** One text for the parts of an answer, without those of a turn that was begun again. */
function joined(events: readonly TimedEvent[]): readonly TimedEvent[] {
  const all: TimedEvent[] = [];
  for (const { time, event } of events) {
    const last = all.at(-1);
    if (event.type === 'turn-restarted') {
      while (all.at(-1)?.event.type === 'text-delta') all.pop();
    } else if (event.type === 'text-delta' && last?.event.type === 'text-delta') {
      all[all.length - 1] = { time: last.time, event: { ...event, text: last.event.text + event.text } };
    } else if (event.type !== 'thinking-delta') all.push({ time, event });
  }
  return all;
}

/** undefined for what is of no use to a reader. */
function entry({ time, event }: TimedEvent): Markup | undefined {
  const body = describe(event);
  return body === undefined ? undefined : html`<li class="${event.type}"><time>${time}</time>${body}</li>`;
}

function describe(event: RunEvent): Markup | undefined {
  switch (event.type) {
    case 'run-started':
      return started(event);
    case 'text-delta':
      return html`<div class="answer">${text(event.text)}</div>`;
    case 'plan-changed':
      return html`<ul class="plan">
        ${event.steps.map(({ status, text: step }) => html`<li>${status}: ${line(step)}</li>`)}
      </ul>`;
    case 'condition-evaluated': {
      const { name, explained, holds } = event.condition;
      return html`<p>Condition <b>${line(name)}</b>: <code>${line(explained)}</code>, ${holds ? 'met' : 'not met'}</p>`;
    }
    case 'tool-call-proposed':
      return html`<p><b>${line(event.title)}</b> · ${line(event.tool)} of ${line(event.server)}, ${event.risk}</p>
        ${given(event.arguments)}`;
    case 'approval-requested':
      return requested(event);
    case 'approval-resolved':
      return html`<p>
        <b>${event.decision === 'allowed' ? 'Allowed' : 'Not allowed'}</b> by ${event.by}: ${line(event.reason)}
      </p>`;
    case 'evidence-added':
      return evidence(event);
    case 'tool-call-finished':
      return html`<p>${event.outcome} after ${event.durationMs} ms: ${line(event.summary)} ${link(event.link)}</p>`;
    case 'retry-scheduled':
      return html`<p>${line(event.reason)}; tried again</p>`;
    case 'context-compacted':
      return html`<p>${event.shortenedResults} old results were shortened for the model</p>`;
    case 'run-finished':
      return html`<p><b>${event.reason}</b>: ${line(event.message)}</p>`;
    case 'thinking-delta':
    case 'turn-restarted':
    case 'tool-call-started':
    case 'tool-call-progressed':
    case 'usage-changed':
      return undefined;
  }
}

function started({ prompt, model, runbook }: EventOf<'run-started'>): Markup {
  const parameters = Object.entries(runbook?.parameters ?? {}).map(([name, value]) => `${name}=${String(value)}`);
  const job = runbook === undefined ? '' : `, runbook ${runbook.name} ${parameters.join(' ')}`;
  return html`<p><b>Started</b> with ${line(model)}${line(job)}</p>
    <pre>${text(prompt)}</pre>`;
}

function given(input: Readonly<Record<string, unknown>>): Markup | undefined {
  const { query, ...rest } = input;
  const others = typeof query === 'string' ? rest : input;
  const sql = typeof query === 'string' ? html`<pre class="sql">${text(query)}</pre>` : undefined;
  const json =
    Object.keys(others).length === 0 ? undefined : html`<pre>${text(JSON.stringify(others, undefined, 2))}</pre>`;
  return html`${sql}${json}`;
}

function requested({ preview, arguments: input, warnings, reasons, sha256 }: EventOf<'approval-requested'>): Markup {
  const notes = [...warnings.map((warning) => `Warning: ${warning}`), ...reasons].map(
    (note) => html`<li>${line(note)}</li>`,
  );
  const shown =
    preview === undefined
      ? given(input)
      : html`<p>${line(preview.title)} → ${line(preview.destination.name)} (${line(preview.destination.id)})</p>
          <ul>
            ${preview.fields.map(({ label, value }) => html`<li>${line(label)}: ${line(value)}</li>`)}
          </ul>
          <pre>${text(preview.body)}</pre>`;
  return html`<p><b>Approval requested</b></p>
    ${shown}
    <ul>
      ${notes}
    </ul>
    <p>Hash of what was shown: <code>${sha256}</code></p>`;
}

function evidence({
  evidence: { id, title, columns, rows, rowCount, truncated, sha256 },
}: EventOf<'evidence-added'>): Markup {
  const shown = rows.slice(0, maxRows);
  const more =
    rowCount > shown.length || truncated ? `, ${shown.length} shown${truncated ? ', more upstream' : ''}` : '';
  const head = columns.map(({ name }) => html`<th>${line(name)}</th>`);
  const body = shown.map(
    (row) =>
      html`<tr>
        ${row.map((value) => html`<td>${cell(value)}</td>`)}
      </tr>`,
  );
  return html`<details>
    <summary>
      Evidence <b>${line(id)}</b> ${line(title)}: ${rowCount} rows${more}, hash <code>${sha256.slice(0, 16)}</code>
    </summary>
    <div class="wide">
      <table>
        <tr>
          ${head}
        </tr>
        ${body}
      </table>
    </div>
  </details>`;
}

function cell(value: unknown): string {
  return line(typeof value === 'string' ? value : JSON.stringify(value ?? null));
}

/** Only to the web. A text with another scheme is shown and leads nowhere. */
function link(to: { readonly label: string; readonly url: string } | undefined): Markup | undefined {
  if (to === undefined) return undefined;
  const isWeb = URL.canParse(to.url) && ['http:', 'https:'].includes(new URL(to.url).protocol);
  if (!isWeb) return html`${line(to.label)}`;
  return html`<a href="${new URL(to.url).href}" rel="noopener noreferrer nofollow">${line(to.label)}</a>`;
}

export function text(value: string): string {
  const shown = showInvisible(value);
  return shown.length > maxText ? `${shown.slice(0, maxText)}… (${shown.length} characters)` : shown;
}

export function line(value: string): string {
  return text(value).replaceAll(/\s+/gu, ' ').trim();
}
