import { html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import type { EvidenceView } from '../../chat/vocabulary.ts';
import type { ApprovalView, CallView } from '../../chat/chat-state.ts';
import { Component } from '../component.ts';
import { showReordering } from '../format/invisible.ts';
import { duration } from '../format/quantity.ts';
import { summariseArguments } from '../format/value.ts';
import { post } from '../host.ts';
import { anchor } from '../markdown/render.ts';
import { linkTarget } from '../markdown/targets.ts';
import { destinationLine, previewBody } from './approval/approval-preview.ts';
import { argumentList } from './approval/argument-list.ts';
import './call-images.ts';
import { EvidenceTable } from './evidence-table.ts';
import { failureBox } from './failure-box.ts';
import { icon, serverIcon } from './icons.ts';
import { known, plural, t, term } from '../l10n.ts';

const statusWords = {
  proposed: t('proposed'),
  waiting: t('waiting for approval'),
  approved: t('approved'),
  running: t('running'),
  ok: t('done'),
  failed: t('failed'),
  denied: t('denied'),
  cancelled: t('cancelled'),
} as const;

/** One tool call: a line that expands to its arguments, its result and the reason if it failed. */
export class ToolCallLine extends Component {
  static override properties = { call: { attribute: false }, evidence: { attribute: false }, open: { state: true } };
  declare call: CallView | undefined;
  declare evidence: readonly EvidenceView[];
  declare private open: boolean;

  constructor() {
    super();
    this.call = undefined;
    this.evidence = [];
    this.open = false;
  }

  /** Evidence of other calls must not render a collapsed line again. */
  override shouldUpdate(changed: PropertyValues<this>): boolean {
    return this.open || changed.size > 1 || !changed.has('evidence');
  }

  /** Expands the call. Returns the table of one piece of evidence. */
  async show(evidence: string): Promise<EvidenceTable | undefined> {
    const tables = await this.expand();
    return tables.find((candidate) => candidate.evidence.id === evidence);
  }

  private async expand(): Promise<readonly EvidenceTable[]> {
    this.open = true;
    await this.updateComplete;
    const tables = [...this.querySelectorAll('evidence-table')].filter((table) => table instanceof EvidenceTable);
    await Promise.all(tables.map(({ updateComplete }) => updateComplete));
    return tables;
  }

  private readonly toggle = async (): Promise<void> => {
    if (this.open) {
      this.open = false;
      return;
    }
    await this.expand();
    this.dispatchEvent(new CustomEvent('call-opened', { bubbles: true }));
  };

  override render(): TemplateResult | typeof nothing {
    const { call, open } = this;
    if (call === undefined) return nothing;
    const body = `body-${call.callId}`;
    return html`<div class="call ${call.status}">
      <div class="call-line">
        <button class="call-toggle" aria-expanded=${open} aria-controls=${body} @click=${this.toggle}>
          ${icon('chevron-right', `twistie ${open ? 'open' : ''}`)}${icon(...statusIcon(call))}
          <span class="call-title">${showReordering(term(call.title))}</span>
          <span class="call-summary">${showReordering(lineSummary(call))}</span>
          <span class="call-facts">${facts(call)}${took(call)}</span>
          <span class="hidden"
            >, ${call.failure?.code === 'outcome_unknown' ? t('outcome unknown') : statusWords[call.status]}</span
          >
        </button>
        ${resultLink(call)}
      </div>
      ${
        call.images.length === 0
          ? nothing
          : html`<call-images .images=${call.images} .source=${call.title}></call-images>`
      }
      <div class="call-body" id=${body} ?hidden=${!open}>${open ? this.details(call) : nothing}</div>
    </div>`;
  }

  private details(call: CallView): TemplateResult {
    const evidence = call.evidence.flatMap((id) => this.evidence.findLast((held) => held.id === id) ?? []);
    return html`
      ${asked(call)} ${call.resolution === undefined ? nothing : approvalLine(call)}
      ${call.failure === undefined || call.status === 'denied' ? nothing : failureBox(call.failure)}
      ${
        call.failure === undefined && call.status !== 'denied' && evidence.length === 0 && call.summary !== undefined
          ? html`<p class="words">${showReordering(call.summary)}</p>`
          : nothing
      }
      ${undoButton(call)} ${evidence.map((view) => html`<evidence-table .evidence=${view}></evidence-table>`)}
    `;
  }
}

function undoButton({ callId, undo, undone, status }: CallView): TemplateResult | typeof nothing {
  if (undone)
    return html`<p class="line-notice">${icon('discard', 'muted')}<span class="words">${t('Undone.')}</span></p>`;
  if (undo === undefined || status !== 'ok') return nothing;
  return html`<div class="buttons">
    <vscode-button
      secondary
      title=${t('Shows what would be done, and asks you first')}
      @click=${() => {
        post({ type: 'undo', callId });
      }}
      >${t('Undo…')}</vscode-button
    ><span class="muted">${capitalized(known(undo))}.</span>
  </div>`;
}

/** Shows the preview for a write that needed approval, otherwise the arguments. */
function asked(call: CallView): TemplateResult {
  const { request } = call;
  if (request?.preview === undefined) return argumentList(call);
  return html`${destinationLine(request)}${previewBody(request)}`;
}

function statusIcon(call: CallView): [name: string, extra: string] {
  switch (call.status) {
    case 'running':
      return ['loading', 'codicon-modifier-spin'];
    case 'failed':
      return call.failure?.code === 'outcome_unknown' ? ['question', 'warning'] : ['error', 'error'];
    case 'denied':
    case 'cancelled':
      return ['circle-slash', 'muted'];
    default:
      return [serverIcon(call.server), ''];
  }
}

/** Progress while it runs, the reason if it failed, otherwise what it was about. */
function lineSummary({ status, progress, summary, arguments: input, request, link }: CallView): string {
  if (status === 'running' && progress !== undefined) {
    const { message, done, total } = progress;
    if (done === undefined) return known(message);
    return `${known(message)} (${total === undefined ? done : t('{0} of {1}', done, total)})`;
  }
  const wrong = status === 'failed' || status === 'denied' || status === 'cancelled';
  if (wrong && summary !== undefined) return known(summary);
  if (link !== undefined) return summary?.replace(link.label, '').trim() ?? '';
  return summariseArguments(request?.arguments ?? input);
}

function facts({ evidence, rows }: CallView): string {
  return [...evidence, ...(rows === undefined ? [] : [plural(rows, '{0} row', '{0} rows')])].join(' · ');
}

/** Hidden first if the view is narrow. */
function took({ callId, evidence, rows, durationMs, status }: CallView): TemplateResult | typeof nothing {
  if (status === 'running') return html`<elapsed-time .callId=${callId}></elapsed-time>`;
  if (durationMs === undefined || status === 'denied') return nothing;
  const alone = evidence.length === 0 && rows === undefined;
  return html`<span class=${alone ? nothing : 'call-duration'}>${alone ? '' : ' · '}${duration(durationMs)}</span>`;
}

function resultLink({ link }: CallView): TemplateResult | typeof nothing {
  const target = link === undefined ? undefined : linkTarget(link.url);
  if (link === undefined || target?.kind !== 'web') return nothing;
  return html`<span class="call-link">${anchor(target, link.label, '')}</span>`;
}

function approvalLine({ resolution }: CallView): TemplateResult {
  const allowed = resolution?.decision === 'allowed';
  return html`<p class="line-notice">
    ${icon(allowed ? 'pass' : 'circle-slash', allowed ? 'good' : 'muted')}
    <span class="words">${resolved(allowed, resolution?.by ?? 'policy')} ${known(resolution?.reason ?? '')}</span>
  </p>`;
}

function resolved(allowed: boolean, by: ApprovalView['by']): string {
  switch (by) {
    case 'person':
      return allowed ? t('Approved by you.') : t('Denied by you.');
    case 'grant':
      return allowed ? t('Approved by a grant.') : t('Denied by a grant.');
    case 'policy':
      return allowed ? t('Approved by policy.') : t('Denied by policy.');
  }
}

function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

customElements.define('tool-call', ToolCallLine);
