import { html, nothing, type TemplateResult } from 'lit';
import type { FormView, QuestionField } from '../../../chat/chat-state.ts';
import { showReordering } from '../../format/invisible.ts';
import { known, t } from '../../l10n.ts';

/** By the name of the field; a list where several options are chosen. */
export type Answers = ReadonlyMap<string, string | readonly string[]>;

/** What the server suggests. */
export function initialAnswers({ fields }: FormView): Answers {
  return new Map(fields.map((field) => [field.name, initialAnswer(field)] as const));
}

function initialAnswer({ kind, initial, options }: QuestionField): string | readonly string[] {
  if (kind !== 'choices') return initial;
  const suggested = initial.split(',').map((each) => each.trim());
  return options.flatMap(({ value }) => (suggested.includes(value) ? [value] : []));
}

type OnAnswer = (name: string, value: string | readonly string[]) => void;

/** One field of a server's form. */
export function questionField(
  field: QuestionField,
  value: string | readonly string[],
  onAnswer: OnAnswer,
): TemplateResult {
  const { title, description, hint } = field;
  const label = showReordering(title);
  const about = [
    showReordering(description),
    field.options.length > 0 || field.kind === 'boolean' ? '' : showReordering(known(hint)),
  ];
  const note = [...about, field.required ? '' : t('optional')].filter((part) => part !== '').join(' · ');
  return html`<div class="form-row">
    <span class="form-label" aria-hidden="true">${label}</span>
    ${control(field, label, value, onAnswer)} ${note === '' ? nothing : html`<p class="muted words">${note}</p>`}
  </div>`;
}

function control(
  field: QuestionField,
  label: string,
  value: string | readonly string[],
  onAnswer: OnAnswer,
): TemplateResult {
  const { name, kind } = field;
  if (kind === 'choices') return choices(field, label, typeof value === 'string' ? [] : value, onAnswer);
  const text = typeof value === 'string' ? value : '';
  const onInput = ({ currentTarget }: Event): void => {
    if (currentTarget !== null && 'value' in currentTarget && typeof currentTarget.value === 'string') {
      onAnswer(name, currentTarget.value);
    }
  };
  const yesOrNo = ['yes', 'no'].map((each) => ({ value: each, label: each === 'yes' ? t('Yes') : t('No') }));
  const options = kind === 'boolean' ? yesOrNo : field.options;
  if (options.length > 0) {
    const none =
      field.required && text !== '' ? [] : [{ value: '', label: field.required ? t('Choose…') : t('No answer') }];
    return html`<vscode-single-select .label=${label} .value=${text} @change=${onInput}
      >${[...none, ...options].map(
        (option) =>
          html`<vscode-option value=${option.value} ?selected=${option.value === text}
            >${showReordering(option.label)}</vscode-option
          >`,
      )}</vscode-single-select
    >`;
  }
  return html`<vscode-textfield .label=${label} .value=${text} @input=${onInput}></vscode-textfield>`;
}

function choices(
  { name, options }: QuestionField,
  label: string,
  chosen: readonly string[],
  onAnswer: OnAnswer,
): TemplateResult {
  return html`<div class="choices" role="group" aria-label=${label}>
    ${options.map(
      (option) =>
        html`<label class="choice"
          ><input
            type="checkbox"
            .checked=${chosen.includes(option.value)}
            @change=${({ currentTarget }: Event) => {
              const on = currentTarget instanceof HTMLInputElement && currentTarget.checked;
              const kept = chosen.filter((each) => each !== option.value);
              onAnswer(name, on ? [...kept, option.value] : kept);
            }}
          />${showReordering(option.label)}</label
        >`,
    )}
  </div>`;
}
