import { html, nothing, type TemplateResult } from 'lit';
import type { EditableField } from '../../format/edit-arguments.ts';
import { icon } from '../icons.ts';

export interface FormState {
  readonly fields: readonly EditableField[];
  /** Edited values by argument. Unchanged arguments are not included. */
  readonly edits: ReadonlyMap<string, string>;
  readonly problem: { readonly argument: string; readonly problem: string } | undefined;
  readonly onEdit: (argument: string, text: string) => void;
}

/** Renders the fields of a card as inputs. */
export function approvalForm({ fields, edits, problem, onEdit }: FormState): TemplateResult {
  return html`<div class="form">
    ${fields.map((field) => {
      const { argument, label, description } = field;
      if (argument === undefined) return nothing;
      const wrong = problem?.argument === argument ? problem.problem : undefined;
      return html`<div class="form-row">
        <span class="form-label" aria-hidden="true">${label}</span>
        ${control(field, edits.get(argument) ?? field.text, (text) => {
          onEdit(argument, text);
        })}
        ${wrong === undefined ? nothing : html`<p class="line-notice" role="alert">${icon('error', 'error')}<span class="words">${wrong}</span></p>`}
        ${description === undefined ? nothing : html`<p class="muted words">${description}</p>`}
      </div>`;
    })}
  </div>`;
}

function control(field: EditableField, text: string, onText: (text: string) => void): TemplateResult {
  const options = field.kind === 'boolean' ? ['true', 'false'] : field.options;
  const onInput = ({ currentTarget }: Event): void => {
    if (currentTarget !== null && 'value' in currentTarget && typeof currentTarget.value === 'string') {
      onText(currentTarget.value);
    }
  };
  if (options.length > 0) {
    return html`<vscode-single-select .label=${field.label} .value=${text} @change=${onInput}
      >${options.map(
        (option) => html`<vscode-option value=${option} ?selected=${option === text}>${option}</vscode-option>`,
      )}</vscode-single-select
    >`;
  }
  if (field.kind === 'text' || field.kind === 'json') {
    return html`<textarea
      class=${field.kind === 'json' ? 'monospace' : ''}
      aria-label=${field.label}
      rows="3"
      .value=${text}
      @input=${onInput}
    ></textarea>`;
  }
  return html`<vscode-textfield .label=${field.label} .value=${text} @input=${onInput}></vscode-textfield>`;
}
