import { createHash } from 'node:crypto';
import { showInvisible } from '../../agent/untrusted-text.ts';
import { html, type Markup } from '../records/html.ts';
import { line, page, text } from '../records/record-page.ts';
import { style } from '../records/record-style.ts';
import { minute } from './card/approval-card.ts';
import { digestOf, type WaitingWrite } from './waiting-write.ts';

/** As for a record, but with a form that leads to this service. */
export const approvalPolicy = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'`,
  "frame-ancestors 'none'",
  "base-uri 'none'",
  "form-action 'self'",
].join('; ');

/** A waiting write with all that it would send, however long. @param mayAnswer whether this reader is asked. */
export function approvalPage(write: WaitingWrite, mayAnswer: boolean): string {
  const { request, state } = write;
  const { preview, tool, warnings, reasons, undo, claims = [] } = request;
  const title = preview?.title ?? tool.title;
  const isOpen = state === 'waiting' && mayAnswer;
  return page(
    title,
    html`<header>
        <h1>${line(title)}</h1>
        <p>
          To <b>${line(preview?.destination.name ?? tool.server)}</b> (${line(preview?.destination.id ?? '')})
          ${line(preview?.destination.audience ?? '')}
        </p>
        <p>For the run: ${line(write.title)}</p>
        <p class="outcome">${outcome(write)}</p>
      </header>
      <main>
        ${tool.risk === 'destructive' ? html`<p class="warning">It replaces or deletes existing data.</p>` : undefined}
        ${warnings.map((warning) => html`<p class="warning">${line(warning)}</p>`)}
        ${(preview?.duplicates ?? []).map(({ id, title: same, reason }) => html`<p class="warning">Looks like ${line(id)} ${line(same)} (${line(reason)})</p>`)}
        <ul>
          ${(preview?.fields ?? []).map(({ label, value }) => html`<li>${line(label)}: ${line(value)}</li>`)}
        </ul>
        ${(preview?.parts ?? [preview?.body ?? '']).map((part) => html`<pre>${whole(part)}</pre>`)}
        ${list('Notifies', preview?.mentions)} ${list('Links to', preview?.linkHosts)}
        ${list(
          'Without evidence',
          claims.flatMap(({ text: figure, supportedBy }) => (supportedBy === undefined ? [figure] : [])),
        )}
        ${list(
          'Supported by evidence',
          claims.flatMap(({ text: figure, supportedBy }) =>
            supportedBy === undefined ? [] : [`${figure} (${supportedBy})`],
          ),
        )}
        ${reasons.map((reason) => html`<p>Asked because: ${line(reason)}</p>`)}
        <p>${undo === undefined ? 'It cannot be undone from here.' : `Undoing it ${undo}.`}</p>
        <details>
          <summary>Exactly what is sent</summary>
          <pre>${whole(preview?.raw ?? JSON.stringify(request.arguments, undefined, 2))}</pre>
        </details>
        <p>Hash of what is shown: <code>${digestOf(request)}</code></p>
        ${isOpen ? form(write) : undefined}
      </main>`,
  );
}

function outcome({ state, answer, expires, people }: WaitingWrite): string {
  if (answer !== undefined) return `${state} by ${answer.who}, ${answer.from}, ${minute(answer.time)}`;
  if (state === 'expired') return 'Nobody answered in time. Nothing was sent.';
  if (state === 'withdrawn') return 'The run has asked again.';
  return `${people.map(({ name }) => name).join(', ')} can answer until ${minute(expires)}. The first answer counts.`;
}

/** Never cut: nothing is approved without being shown. */
function whole(value: string): string {
  return showInvisible(value);
}

function list(label: string, items: readonly string[] = []): Markup | undefined {
  return items.length === 0 ? undefined : html`<p>${label}: ${text(items.join(', '))}</p>`;
}

function form(write: WaitingWrite): Markup {
  return html`<form method="post" action="/approvals/${write.id}">
    <input type="hidden" name="digest" value="${digestOf(write.request)}" />
    <button name="decision" value="approved">Approve</button> <button name="decision" value="denied">Deny</button>
  </form>`;
}
