import { html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import type { Arguments, ApprovalRequest, OutgoingClaim } from '../../../chat/vocabulary.ts';
import type { WebviewMessage } from '../../../chat/messages.ts';
import { Component } from '../../component.ts';
import { withCorrection } from '../../format/correct-figure.ts';
import { applyEdits, fieldsOf } from '../../format/edit-arguments.ts';
import { post } from '../../host.ts';
import { noFigures, type Figures } from '../../markdown/figures.ts';
import { approvalForm, type FormState } from './approval-form.ts';
import {
  destinationLine,
  duplicateList,
  previewBody,
  failedNotice,
  previewRaw,
  rawText,
  showsDestination,
  undoLine,
  warningList,
} from './approval-preview.ts';
import { approveButtons, reasonRow, viewButtons, type View } from './card-controls.ts';
import { askedWhy } from './asked-why.ts';
import { claimList } from './claim-list.ts';
import { openFigureList } from './open-figures.ts';
import { EditChecks } from './edit-checks.ts';
import { ReadingProgress } from './reading-progress.ts';
import { sectionsOf } from './sections.ts';
import { icon, serverIcon } from '../icons.ts';
import { t, term } from '../../l10n.ts';

/** Something changed that the list around the card shows: what was read, what was edited. */
export const cardStateEvent = 'card-state';

/**
 * Asks the user to approve one write. Only what is shown can be approved: after an edit, the Approve buttons are hidden
 * until the host sends a new preview.
 */
export class ApprovalCard extends Component {
  static override properties = {
    request: { attribute: false },
    proposed: { attribute: false },
    view: { state: true },
    edits: { state: true },
    problem: { state: true },
    denying: { state: true },
    answered: { state: true },
  };
  declare request: ApprovalRequest | undefined;
  /** The model's own arguments. */
  declare proposed: Arguments;
  declare private view: View;
  declare private edits: ReadonlyMap<string, string>;
  declare private problem: FormState['problem'];
  declare private denying: boolean;
  /** The user's answer, until the host has processed it. */
  declare private answered: string | undefined;
  private figures: Figures = noFigures;
  private readonly reading = new ReadingProgress(this);
  private readonly checks = new EditChecks(this);

  constructor() {
    super();
    this.request = undefined;
    this.proposed = {};
    this.reset();
  }

  /** Focuses the card itself and not a button, so that a key press meant for something else cannot approve. */
  takeFocus(): void {
    this.find('.approval', HTMLElement)?.focus({ preventScroll: true });
    const fits = this.clientHeight <= (this.closest('.transcript')?.clientHeight ?? 0);
    this.scrollIntoView({ block: fits ? 'nearest' : 'start' });
  }

  /** All of it was in view. */
  get isRead(): boolean {
    return this.reading.isComplete;
  }

  /** There are changes that were not previewed. */
  get isEdited(): boolean {
    return this.edits.size > 0;
  }

  /** What is shown now, and only that. */
  approveOnce(): void {
    if (!this.isEdited) this.approve('once');
  }

  override updated(): void {
    this.dispatchEvent(new CustomEvent(cardStateEvent, { bubbles: true }));
  }

  override willUpdate(changed: PropertyValues<this>): void {
    if (!changed.has('request')) return;
    const open = (this.request?.claims ?? []).filter(({ supportedBy }) => supportedBy === undefined);
    this.figures = { open, correct: this.correct };
    this.reading.begin(this.request?.preview?.body ?? JSON.stringify(this.request?.arguments));
    // The same card in a new state keeps the edits but can be answered again.
    if (changed.get('request')?.sha256 === this.request?.sha256) this.answered = undefined;
    else this.reset();
  }

  override render(): TemplateResult | typeof nothing {
    const { request } = this;
    if (request === undefined) return nothing;
    const title = `approval-${request.id}`;
    return html`<section class="approval card" tabindex="-1" aria-labelledby=${title} @keydown=${this.onKey}>
      <header>
        ${icon(serverIcon(request.tool.server), 'attention')}
        <h3 id=${title}>${term(request.tool.title)}<span class="hidden"> ${t('needs your approval')}</span></h3>
        ${request.batch === undefined ? nothing : html`<span class="badge">${t('{0} of {1}', request.batch.index, request.batch.count)}</span>`}
        ${viewButtons(this.view, (view) => {
          this.view = view;
        })}
      </header>
      ${failedNotice(request)}
      ${this.view === 'preview' && showsDestination(request) ? nothing : destinationLine(request)}
      ${warningList(request)} ${this.view === 'edit' ? nothing : openFigureList(this.figures)}
      ${duplicateList(request, (reason) => {
        this.deny(reason);
      })}
      <div class="approval-body ${this.view === 'edit' ? 'editing' : this.isFolded() ? 'folded' : ''}">
        ${this.content(request)}
      </div>
      ${this.showAll(request)} ${claimList(request)} ${askedWhy(request)} ${undoLine(request)}
      <div class="answer">${this.denying ? reasonRow(this.answerDeny) : this.buttons(request)}</div>
    </section>`;
  }

  private content(request: ApprovalRequest): TemplateResult {
    if (this.view === 'raw') return previewRaw(request);
    if (this.view === 'preview') return previewBody(request, this.figures);
    const { edits, checks, proposed } = this;
    const drafts = new Map(
      Object.entries(proposed).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : [])),
    );
    const { claims, problem } = checks.of(request);
    const shown = this.problem ?? (problem === undefined ? undefined : { problem });
    const { correct, onEdit } = this;
    return approvalForm({ fields: fieldsOf(request), edits, drafts, claims, problem: shown, correct, onEdit });
  }

  private approveLabel({ failed }: ApprovalRequest): string {
    const label = failed === undefined ? t('Approve') : t('Try Again');
    return this.reading.isComplete ? label : t('{0} (not all shown)', label);
  }

  private isFolded(): boolean {
    return this.view !== 'edit' && this.reading.isFolded;
  }

  private showAll(request: ApprovalRequest): TemplateResult | typeof nothing {
    if (!this.isFolded()) return nothing;
    const text = this.view === 'raw' ? rawText(request) : (request.preview?.body ?? rawText(request));
    return html`<button
      class="link show-all"
      @click=${() => {
        this.reading.open();
      }}
    >
      ${t('Show all ({0})', sectionsOf(text))}
    </button>`;
  }

  private buttons(request: ApprovalRequest): TemplateResult {
    if (this.answered !== undefined) {
      return html`<p class="line-notice">${icon('loading', 'codicon-modifier-spin')}${this.answered}</p>`;
    }
    if (this.edits.size > 0) {
      return html`<div class="buttons">
        <vscode-button @click=${this.revise}>${t('Update Preview')}</vscode-button>
        <vscode-button secondary @click=${this.reset}>${t('Discard Changes')}</vscode-button>
        ${this.denyButton()}
      </div>`;
    }
    return html`<div class="buttons">
      ${approveButtons(request, this.approveLabel(request), this.approve)} ${this.denyButton()}
    </div>`;
  }

  private denyButton(): TemplateResult {
    if (this.request?.failed !== undefined) {
      return html`<vscode-button
        secondary
        @click=${() => {
          this.deny('');
        }}
        >${t('Skip')}</vscode-button
      >`;
    }
    return html`<vscode-button
      secondary
      @click=${async () => {
        this.denying = true;
        await this.updateComplete;
        this.find('.reason', HTMLElement)?.focus();
      }}
      >${t('Deny…')}</vscode-button
    >`;
  }

  private readonly answerDeny = (reason: string | undefined): void => {
    if (reason === undefined) this.denying = false;
    else this.deny(reason);
  };

  private readonly onEdit = (argument: string, text: string): void => {
    if (this.request === undefined) return;
    const original = fieldsOf(this.request).find((field) => field.argument === argument)?.text;
    const edits = new Map(this.edits);
    if (text === original) edits.delete(argument);
    else edits.set(argument, text);
    this.edits = edits;
    this.problem = undefined;
    this.checkEdits();
  };

  private checkEdits(): void {
    if (this.request === undefined) return;
    const revised = applyEdits(this.request, fieldsOf(this.request), this.edits);
    if ('arguments' in revised) this.checks.check({ ...this.card(), arguments: revised.arguments });
  }

  /** Writes what the evidence says wherever the figure stands, and asks for the preview of that. */
  private readonly correct = (claim: OutgoingClaim): void => {
    const { request, edits } = this;
    if (request === undefined || this.answered !== undefined) return;
    this.edits = withCorrection(request, edits, claim);
    if (this.view !== 'edit' && edits.size === 0 && this.edits.size > 0) this.revise();
    else this.checkEdits();
  };

  private readonly onKey = (event: KeyboardEvent): void => {
    const { target } = event;
    if (event.key === 'Escape') {
      // It must not stop the run and lose the card.
      event.stopPropagation();
      if (target instanceof HTMLElement && target.closest('.form') !== null) this.takeFocus();
    }
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey) || this.answered !== undefined) return;
    event.preventDefault();
    event.stopPropagation();
    if (this.edits.size > 0) this.revise();
    else this.approve('once');
  };

  private readonly reset = (): void => {
    this.view = 'preview';
    this.edits = new Map();
    this.problem = undefined;
    this.denying = false;
    this.answered = undefined;
  };

  private readonly revise = (): void => {
    if (this.request === undefined) return;
    const revised = applyEdits(this.request, fieldsOf(this.request), this.edits);
    if ('problem' in revised) {
      this.problem = revised;
      this.view = 'edit';
      return;
    }
    this.answer(t('Updating the preview…'), { type: 'revise', ...this.card(), arguments: revised.arguments });
  };

  private readonly approve = (scope: 'once' | 'run' | 'always'): void => {
    this.answer(t('Approved.'), { type: 'approve', ...this.card(), scope });
  };

  private deny(text: string): void {
    const reason = text.trim();
    this.denying = false;
    this.answer(t('Denied.'), { type: 'deny', ...this.card(), ...(reason === '' ? {} : { reason }) });
  }

  private answer(words: string, message: WebviewMessage): void {
    if (this.answered !== undefined) return;
    this.answered = words;
    post(message);
  }

  private card(): { requestId: string; sha256: string } {
    return { requestId: this.request?.id ?? '', sha256: this.request?.sha256 ?? '' };
  }
}

customElements.define('approval-card', ApprovalCard);
