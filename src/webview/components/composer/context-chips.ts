import { html, type TemplateResult } from 'lit';
import type { ContextChip } from '../../../chat/messages.ts';
import { icon } from '../icons.ts';
import { t } from '../../l10n.ts';

const icons: Readonly<Record<ContextChip['kind'], string>> = {
  selection: 'list-selection',
  file: 'file-code',
  diagnostics: 'warning',
  attachment: 'attach',
  terminal: 'terminal',
};

interface ChipsOptions {
  /** Of the editor; each can be attached or not. */
  readonly chips: readonly ContextChip[];
  /** What the user has added. */
  readonly attached: readonly ContextChip[];
  readonly isOn: (chip: ContextChip) => boolean;
  readonly onToggle: (id: string) => void;
  readonly onDetach: (id: string) => void;
}

export function contextChips({ chips, attached, isOn, onToggle, onDetach }: ChipsOptions): TemplateResult {
  return html`<ul class="chips" aria-label=${t('Context')}>
    ${attached.map(
      (chip) =>
        html`<li>
          <button
            class="chip on"
            title=${`${chip.detail}${chip.warning === undefined ? '' : `: ${chip.warning}`}`}
            aria-label=${t('Remove {0}', chip.label)}
            @click=${() => {
              onDetach(chip.id);
            }}
          >
            ${icon(icons[chip.kind])}<bdi class="ellipsis">${chip.label}</bdi>${icon('close')}
          </button>
          ${chip.warning === undefined ? '' : html`<span class="chip-warning">${icon('warning', 'warning')}${chip.warning}</span>`}
        </li>`,
    )}
    ${chips.map((chip) => {
      const on = isOn(chip);
      return html`<li>
        <button
          class="chip ${on ? 'on' : ''}"
          aria-pressed=${on}
          title=${`${chip.detail}: ${on ? t('attached to your message') : t('click to attach')}`}
          @click=${() => {
            onToggle(chip.id);
          }}
        >
          ${icon(icons[chip.kind])}<span class="ellipsis">${chip.label}</span>${icon(on ? 'close' : 'add')}
        </button>
      </li>`;
    })}
  </ul>`;
}
