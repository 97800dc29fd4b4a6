import { html, nothing, type TemplateResult } from 'lit';
import type { OutgoingClaim } from '../../../chat/vocabulary.ts';
import type { EditableField } from '../../format/edit-arguments.ts';
import { icon } from '../icons.ts';
import { openFigureList } from './open-figures.ts';
import { textChanges } from './text-changes.ts';
import { textMarks } from './text-marks.ts';

export interface FormState {
  readonly fields: readonly EditableField[];
  /** Edited values by argument. Unchanged arguments are not included. */
  readonly edits: ReadonlyMap<string, string>;
  /** The model's own text of each argument that it wrote as text. */
  readonly drafts: ReadonlyMap<string, string>;
  /** Of everything in the form, as last checked. */
  readonly claims: readonly OutgoingClaim[];
  /** `argument` is absent if it is not known which is wrong. */
  readonly problem: { readonly argument?: string; readonly problem: string } | undefined;
  readonly correct: (claim: OutgoingClaim) => void;
  readonly onEdit: (argument: string, text: string) => void;
}

/** Renders the fields of a card as inputs. */
export function approvalForm(state: FormState): TemplateResult {
  const { fields, edits, drafts, claims, problem, correct, onEdit } = state;
  const open = claims.filter(({ supportedBy }) => supportedBy === undefined);
  return html`<div class="form">
    ${fields.map((field) => {
      const { argument, label, description } = field;
      if (argument === undefined) return nothing;
      const text = edits.get(argument) ?? field.text;
      const wrong = problem?.argument === argument ? problem.problem : undefined;
      return html`<div class="form-row">
        <span class="form-label" aria-hidden="true">${label}</span>
        ${control(field, text, claims, (typed) => {
          onEdit(argument, typed);
        })}
        ${wrong === undefined ? nothing : alert(wrong)}
        ${description === undefined ? nothing : html`<p class="muted words">${description}</p>`}
        ${textChanges(drafts.get(argument) ?? text, text)}
      </div>`;
    })}
    ${problem === undefined || problem.argument !== undefined ? nothing : alert(problem.problem)}
    <div role="status">${openFigureList({ open, correct })}</div>
  </div>`;
}

function alert(words: string): TemplateResult {
  return html`<p class="line-notice" role="alert">${icon('error', 'error')}<span class="words">${words}</span></p>`;
}

function control(
  field: EditableField,
  text: string,
  claims: readonly OutgoingClaim[],
  onText: (text: string) => void,
): TemplateResult {
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
    return html`<div class="text-editor ${field.kind === 'json' ? 'monospace' : ''}">
      ${textMarks(text, claims)}<textarea
        aria-label=${field.label}
        rows="2"
        spellcheck=${field.kind === 'text'}
        .value=${text}
        @input=${onInput}
      ></textarea>
    </div>`;
  }
  return html`<vscode-textfield .label=${field.label} .value=${text} @input=${onInput}></vscode-textfield>`;
}
