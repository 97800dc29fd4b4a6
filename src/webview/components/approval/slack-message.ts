import { html, nothing, type TemplateResult } from 'lit';
import type { Preview } from '../../../chat/vocabulary.ts';
import { showInvisible } from '../../format/invisible.ts';
import type { Figures } from '../../markdown/figures.ts';
import { icon } from '../icons.ts';
import { known, plural, t } from '../../l10n.ts';

/** A message as it will stand in its channel: the bar with who reads it, the app that writes, its replies. */
export function slackMessage(preview: Preview, author: string, figures: Figures): TemplateResult {
  const { body, parts = [body], fields } = preview;
  const [first = body, ...replies] = parts;
  const isReply = fields.some(({ argument }) => argument === 'thread_ts');
  return html`<div class="slack">
    ${channelBar(preview, isReply)}
    <div class="preview-message ${isReply ? 'reply' : ''}">${message(first, author, figures)}</div>
    ${
      replies.length === 0
        ? nothing
        : html`<p class="muted slack-replies">
              ${icon('comment-discussion')}${plural(replies.length, '{0} more message in its thread', '{0} more messages in its thread')}
            </p>
            ${replies.map((reply) => html`<div class="preview-message reply">${message(reply, author, figures)}</div>`)}`
    }
  </div>`;
}

function channelBar({ destination }: Preview, isReply: boolean): TemplateResult {
  const { id, name, audience } = destination;
  return html`<p class="slack-bar words" title=${id}>
    ${isReply ? html`<span class="muted">${t('Thread in')}</span>` : nothing}
    <strong>${showInvisible(name)}</strong>
    ${audience === undefined ? nothing : html`<span class="muted">${icon('organization')} ${known(audience)}</span>`}
  </p>`;
}

function message(text: string, author: string, figures: Figures): TemplateResult {
  const name = showInvisible(author);
  return html`<span class="avatar" aria-hidden="true">${Array.from(name)[0]?.toUpperCase() ?? ''}</span>
    <div>
      <p class="words"><strong>${name}</strong> <span class="badge">APP</span></p>
      <div class="preview-body" role="group" aria-label=${t('Text')}>
        <markdown-text .text=${showInvisible(text)} .figures=${figures}></markdown-text>
      </div>
    </div>`;
}
