import { html, nothing, type TemplateResult } from 'lit';
import type { ApprovalRequest } from '../../../chat/vocabulary.ts';
import type { Preview } from '../../../chat/vocabulary.ts';
import { showInvisible } from '../../format/invisible.ts';
import { noFigures, type Figures } from '../../markdown/figures.ts';
import { anchor } from '../../markdown/render.ts';
import { linkTarget } from '../../markdown/targets.ts';
import { icon } from '../icons.ts';
import { fieldList, jiraIssue } from './jira-issue.ts';
import { schemaForm } from './schema-form.ts';
import { slackMessage } from './slack-message.ts';
import { known, rich, t } from '../../l10n.ts';

/** Shows what would be written, as its readers will see it. */
export function previewBody(request: ApprovalRequest, figures: Figures = noFigures): TemplateResult {
  const { preview } = request;
  if (preview === undefined) return schemaForm(request, figures);
  const { title, body, fields, author } = preview;
  if (author !== undefined) {
    const beside = fields.filter(
      ({ value, argument }) => argument !== 'text' && value !== title && value !== preview.destination.name,
    );
    return html`${fieldList(beside, figures)} ${slackMessage(preview, author, figures)}`;
  }
  const summary = fields.find(({ argument }) => argument === 'summary')?.value ?? '';
  // An issue has its summary as its headline, and what kind of issue it is above that.
  if (request.tool.trusted && request.tool.server === 'jira' && summary !== '')
    return html`${jiraIssue(preview, summary, figures)} ${textOf(preview, figures)}`;
  const small = fields.filter(({ value }) => value !== title && value !== body);
  return html`
    ${title === body ? nothing : html`<p class="preview-title words">${showInvisible(known(title))}</p>`}
    ${fieldList(small, figures)} ${textOf(preview, figures)}
  `;
}

function textOf({ body }: Preview, figures: Figures): TemplateResult | typeof nothing {
  if (body.trim() === '') return nothing;
  return html`<div class="preview-body" role="group" aria-label=${t('Text')}>
    <markdown-text .text=${showInvisible(body)} .figures=${figures}></markdown-text>
  </div>`;
}

/** Whether the preview itself says where it goes. */
export function showsDestination({ preview }: ApprovalRequest): boolean {
  return preview?.author !== undefined;
}

/** Shows the bytes that would be sent, or the arguments if the tool has no preview. */
export function previewRaw(request: ApprovalRequest): TemplateResult {
  return html`<pre class="raw" role="group" aria-label=${t('Raw request')}>${rawText(request)}</pre>`;
}

export function rawText({ preview, arguments: input }: ApprovalRequest): string {
  return showInvisible(preview?.raw ?? JSON.stringify(input, undefined, 2));
}

/** Says before the answer whether it can be taken back. */
export function undoLine({ undo, tool }: ApprovalRequest): TemplateResult | typeof nothing {
  if (tool.risk === 'read') return nothing;
  return html`<p class="muted words">
    ${undo === undefined ? t('This cannot be undone from here.') : t('Can be undone afterwards: {0}.', known(undo))}
  </p>`;
}

/** Says why a write failed while others wait for it. */
export function failedNotice({ failed }: ApprovalRequest): TemplateResult | typeof nothing {
  if (failed === undefined) return nothing;
  return html`<p class="line-notice" role="alert">
    ${icon('error', 'error')}<span class="words"
      >${t('It failed: {0} Try it again, or skip it and go on with the rest.', showInvisible(known(failed)))}</span
    >
  </p>`;
}

/** Shows the destination and the audience. */
export function destinationLine({ preview, tool }: ApprovalRequest): TemplateResult {
  if (preview === undefined) {
    return html`<p class="muted words">${t('{0} cannot preview this action.', tool.server)}</p>`;
  }
  const { name, id, audience } = preview.destination;
  return html`<p class="destination words" title=${id}>
    <span class="muted">${t('to')}</span> <strong>${showInvisible(name)}</strong>
    ${audience === undefined ? nothing : html`<span class="muted">· ${known(audience)}</span>`}
  </p>`;
}

/** Lists everything that the user should check, content warnings first. */
export function warningList({ warnings, preview, claims = [] }: ApprovalRequest): TemplateResult | typeof nothing {
  // Open figures have a list of their own, where they can be corrected.
  const figures = new Set(claims.map(({ text }) => `No evidence supports ${text}.`));
  const all = [...new Set([...warnings, ...(preview?.warnings ?? [])])].filter((text) => !figures.has(text));
  const mentions = preview?.mentions ?? [];
  const hosts = preview?.linkHosts ?? [];
  if (all.length + mentions.length + hosts.length === 0) return nothing;
  return html`<ul class="warnings" aria-label=${t('Warnings')}>
    ${all.map((text) => html`<li>${icon('warning', 'warning')}<span class="words">${showInvisible(known(text))}</span></li>`)}
    ${
      mentions.length === 0
        ? nothing
        : html`<li>
            ${icon('bell-dot', 'warning')}<span class="words">${rich('Notifies {0}', joined(mentions))}</span>
          </li>`
    }
    ${
      hosts.length === 0
        ? nothing
        : html`<li>${icon('link', 'muted')}<span class="words">${rich('Links to {0}', joined(hosts))}</span></li>`
    }
  </ul>`;
}

/** Lists possible duplicates. `useInstead` is called with an instruction for the agent. */
export function duplicateList(
  { preview }: ApprovalRequest,
  useInstead: (reason: string) => void,
): TemplateResult | typeof nothing {
  const duplicates = preview?.duplicates ?? [];
  if (duplicates.length === 0) return nothing;
  return html`<ul class="duplicates" aria-label=${t('Possible duplicates')}>
    ${duplicates.map(({ id, title, url, reason }) => {
      const target = url === undefined ? undefined : linkTarget(url);
      const name = target?.kind === 'web' ? anchor(target, id, '') : html`<strong>${id}</strong>`;
      return html`<li>
        ${icon('copy', 'warning')}
        <div>
          <p class="words">
            ${rich('{0} may be a duplicate: {1}', name, showInvisible(title))}
            <span class="muted">(${known(reason)})</span>
          </p>
          <vscode-button
            secondary
            @click=${() => {
              useInstead(`${id} covers the same problem. Do not create another one. Add to ${id} instead.`);
            }}
            >${t('Use {0} Instead', id)}</vscode-button
          >
        </div>
      </li>`;
    })}
  </ul>`;
}

function joined(names: readonly string[]): TemplateResult {
  return html`${names.map((name, index) => html`${index === 0 ? '' : ', '}<strong>${showInvisible(name)}</strong>`)}`;
}
