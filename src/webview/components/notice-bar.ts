import { html, type TemplateResult } from 'lit';
import type { HostMessage } from '../../chat/messages.ts';
import { icon, iconButton } from './icons.ts';
import { known, t } from '../l10n.ts';

export type Notice = Extract<HostMessage, { type: 'notice' }>;

export function noticeBar({ level, message }: Notice, onDismiss: () => void): TemplateResult {
  return html`<div class="bar ${level}-bar">
    ${icon(level, level)}<span class="words">${known(message)}</span>${iconButton('close', t('Dismiss'), onDismiss)}
  </div>`;
}
