import { html, nothing, type TemplateResult } from 'lit';
import type { Preview } from '../../../chat/vocabulary.ts';
import { showInvisible } from '../../format/invisible.ts';
import { withFigures, type Figures } from '../../markdown/figures.ts';
import { icon } from '../icons.ts';
import { t } from '../../l10n.ts';
import { shownLabel } from '../../format/edit-arguments.ts';

type Field = Preview['fields'][number];

/** An issue as it will stand in its project: its type, where its number will be, its headline, its fields, its text. */
export function jiraIssue(preview: Preview, summary: string, figures: Figures): TemplateResult {
  const { fields, destination, title } = preview;
  const type = fields.find(({ argument }) => argument === 'issue_type')?.value;
  // What stands above the fields is not repeated among them.
  const others = fields.filter(({ argument, value }) => !shownAbove.has(argument ?? '') && value !== preview.body);
  return html`<div class="issue">
    <p class="issue-key words">
      ${typeIcon(type ?? '')}
      ${
        type === undefined
          ? html`<span>${showInvisible(title)}</span>`
          : html`<span title=${t('Jira gives it its number when it is created')}
                >${showInvisible(destination.id)}-…</span
              >
              <span class="muted">${showInvisible(type)}</span>`
      }
    </p>
    <p class="preview-title words">${withFigures(showInvisible(summary), figures)}</p>
    ${fieldList(others, figures)}
  </div>`;
}

const shownAbove = new Set(['summary', 'issue_type']);

/** Fields with what Jira shows beside them. */
export function fieldList(fields: readonly Field[], figures: Figures): TemplateResult | typeof nothing {
  const shown = fields.filter(({ value }) => value !== '');
  if (shown.length === 0) return nothing;
  return html`<dl class="arguments">
    ${shown.map((field) => {
      // Spaces around it would be drawn.
      const value = fieldValue(field, figures);
      return html`<dt>${shownLabel(field.label, field.argument)}</dt>
        <dd>${value}</dd>`;
    })}
  </dl>`;
}

function fieldValue({ argument, value }: Field, figures: Figures): readonly (TemplateResult | string)[] {
  if (argument === 'labels') return [lozenges(value)];
  const shown = withFigures(showInvisible(value), figures);
  if (argument === 'priority') return [...priorityIcon(value), ...shown];
  return argument === 'assignee' ? [icon('account', 'muted'), ...shown] : shown;
}

function lozenges(value: string): TemplateResult {
  return html`<span class="lozenges"
    >${value.split(', ').map((label) => html`<span class="lozenge">${showInvisible(label)}</span> `)}</span
  >`;
}

const types: readonly (readonly [RegExp, icon: string, kind: string])[] = [
  [/bug|defect/iu, 'bug', 'red'],
  [/story|feature/iu, 'bookmark', 'green'],
  [/epic/iu, 'zap', 'purple'],
  [/sub-?task/iu, 'list-tree', 'blue'],
  [/incident|outage/iu, 'flame', 'red'],
  [/problem/iu, 'warning', 'orange'],
  [/task|to-?do/iu, 'check', 'blue'],
];

function typeIcon(type: string): TemplateResult {
  const [, name, kind] = types.find(([words]) => words.test(type)) ?? [undefined, 'issues', 'plain'];
  return icon(name, `issue-type ${kind}`);
}

const priorities: readonly (readonly [RegExp, icon: string, kind: string])[] = [
  [/highest|blocker|critical|urgent|p0/iu, 'fold-up', 'red'],
  [/high|major|p1/iu, 'chevron-up', 'red'],
  [/lowest|trivial/iu, 'fold-down', 'blue'],
  [/low|minor|p3/iu, 'chevron-down', 'blue'],
  [/medium|normal|p2/iu, 'menu', 'orange'],
];

function priorityIcon(priority: string): readonly TemplateResult[] {
  const [, name, kind] = priorities.find(([words]) => words.test(priority)) ?? [];
  return name === undefined ? [] : [icon(name, `priority ${kind}`)];
}
