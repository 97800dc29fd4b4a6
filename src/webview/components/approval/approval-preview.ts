import { html, nothing, type TemplateResult } from 'lit';
import type { ApprovalRequest } from '../../../chat/vocabulary.ts';
import type { Preview } from '../../../chat/vocabulary.ts';
import { showInvisible } from '../../format/invisible.ts';
import { argumentText } from '../../format/value.ts';
import { anchor } from '../../markdown/render.ts';
import { linkTarget } from '../../markdown/targets.ts';
import { icon } from '../icons.ts';

/** Shows what would be written, as its readers will see it. */
export function previewBody(request: ApprovalRequest): TemplateResult {
  const { preview } = request;
  if (preview === undefined) return plainArguments(request);
  const summary = preview.fields.find(({ argument }) => argument === 'summary')?.value;
  // An issue has its summary as its headline, and what kind of issue it is above that.
  const isIssue = request.tool.trusted && request.tool.server === 'jira' && summary !== undefined && summary !== '';
  const title = isIssue ? summary : preview.title;
  const shown = isIssue
    ? { ...preview, fields: preview.fields.filter(({ argument }) => argument !== 'summary') }
    : preview;
  return html`
    ${
      isIssue && title !== preview.title
        ? html`<p class="preview-kind muted words">${icon('issues')}${showInvisible(preview.title)}</p>`
        : nothing
    }
    ${title === preview.body ? nothing : html`<p class="preview-title words">${showInvisible(title)}</p>`}
    ${smallFields(shown)} ${preview.author === undefined ? textOf(preview) : messageOf(preview, preview.author)}
  `;
}

function textOf({ body }: Preview): TemplateResult | typeof nothing {
  if (body.trim() === '') return nothing;
  return html`<div class="preview-body" role="group" aria-label="Text">
    <markdown-text .text=${showInvisible(body)}></markdown-text>
  </div>`;
}

/** A message as it stands in its channel: who wrote it, and that it is an app. */
function messageOf(preview: Preview, author: string): TemplateResult {
  const name = showInvisible(author);
  return html`<div class="preview-message">
    <span class="avatar" aria-hidden="true">${name.charAt(0).toUpperCase()}</span>
    <div>
      <p class="words"><strong>${name}</strong> <span class="badge">APP</span></p>
      ${textOf(preview)}
    </div>
  </div>`;
}

/** Shows the bytes that would be sent, or the arguments if the tool has no preview. */
export function previewRaw(request: ApprovalRequest): TemplateResult {
  return html`<pre class="raw" role="group" aria-label="Raw request">${rawText(request)}</pre>`;
}

export function rawText({ preview, arguments: input }: ApprovalRequest): string {
  return showInvisible(preview?.raw ?? JSON.stringify(input, undefined, 2));
}

/** Says before the answer whether it can be taken back. */
export function undoLine({ undo, tool }: ApprovalRequest): TemplateResult | typeof nothing {
  if (tool.risk === 'read') return nothing;
  return html`<p class="muted words">
    ${undo === undefined ? 'This cannot be undone from here.' : `Can be undone afterwards: ${undo}.`}
  </p>`;
}

/** Says why a write failed while others wait for it. */
export function failedNotice({ failed }: ApprovalRequest): TemplateResult | typeof nothing {
  if (failed === undefined) return nothing;
  return html`<p class="line-notice" role="alert">
    ${icon('error', 'error')}<span class="words"
      >It failed: ${showInvisible(failed)} Try it again, or skip it and go on with the rest.</span
    >
  </p>`;
}

/** Shows the destination and the audience. */
export function destinationLine({ preview, tool }: ApprovalRequest): TemplateResult {
  if (preview === undefined) {
    return html`<p class="muted words">${tool.server} cannot preview this action.</p>`;
  }
  const { name, id, audience } = preview.destination;
  return html`<p class="destination words" title=${id}>
    <span class="muted">to</span> <strong>${showInvisible(name)}</strong>
    ${audience === undefined ? nothing : html`<span class="muted">· ${audience}</span>`}
  </p>`;
}

/** Lists everything that the user should check, content warnings first. */
export function warningList({ warnings, preview }: ApprovalRequest): TemplateResult | typeof nothing {
  const all = [...new Set([...warnings, ...(preview?.warnings ?? [])])];
  const mentions = preview?.mentions ?? [];
  const hosts = preview?.linkHosts ?? [];
  if (all.length + mentions.length + hosts.length === 0) return nothing;
  return html`<ul class="warnings" aria-label="Warnings">
    ${all.map((text) => html`<li>${icon('warning', 'warning')}<span class="words">${showInvisible(text)}</span></li>`)}
    ${
      mentions.length === 0
        ? nothing
        : html`<li>${icon('bell-dot', 'warning')}<span class="words">Notifies ${joined(mentions)}</span></li>`
    }
    ${
      hosts.length === 0
        ? nothing
        : html`<li>${icon('link', 'muted')}<span class="words">Links to ${joined(hosts)}</span></li>`
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
  return html`<ul class="duplicates" aria-label="Possible duplicates">
    ${duplicates.map(({ id, title, url, reason }) => {
      const target = url === undefined ? undefined : linkTarget(url);
      const name = target?.kind === 'web' ? anchor(target, id, '') : html`<strong>${id}</strong>`;
      return html`<li>
        ${icon('copy', 'warning')}
        <div>
          <p class="words">
            ${name} may be a duplicate: ${showInvisible(title)} <span class="muted">(${reason})</span>
          </p>
          <vscode-button
            secondary
            @click=${() => {
              useInstead(`${id} covers the same problem. Do not create another one. Add to ${id} instead.`);
            }}
            >Use ${id} Instead</vscode-button
          >
        </div>
      </li>`;
    })}
  </ul>`;
}

/** Fields other than the title and the text, which have their own place above. */
function smallFields({ fields, title, body }: Preview): TemplateResult | typeof nothing {
  const small = fields.filter(({ value }) => value !== title && value !== body && value !== '');
  if (small.length === 0) return nothing;
  return html`<dl class="arguments">
    ${small.map(
      ({ label, value }) =>
        html`<dt>${label}</dt>
          <dd>${showInvisible(value)}</dd>`,
    )}
  </dl>`;
}

function plainArguments({ arguments: input }: ApprovalRequest): TemplateResult {
  return html`<dl class="arguments">
    ${Object.entries(input).map(
      ([name, value]) =>
        html`<dt>${name}</dt>
          <dd>${showInvisible(argumentText(value) ?? 'null')}</dd>`,
    )}
  </dl>`;
}

function joined(names: readonly string[]): TemplateResult {
  return html`${names.map((name, index) => html`${index === 0 ? '' : ', '}<strong>${showInvisible(name)}</strong>`)}`;
}
