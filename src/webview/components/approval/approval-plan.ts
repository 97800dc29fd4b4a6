import { html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import type { CallView } from '../../../chat/chat-state.ts';
import type { ApprovalRequest } from '../../../chat/vocabulary.ts';
import { Component } from '../../component.ts';
import { showInvisible } from '../../format/invisible.ts';
import { icon, serverIcon } from '../icons.ts';
import { ApprovalCard, cardStateEvent } from './approval-card.ts';
import './approval-card.ts';
import { known, plural, t, term } from '../../l10n.ts';

interface Step {
  readonly call: CallView;
  readonly request: ApprovalRequest;
}

const looks = {
  proposed: 'circle-large-outline',
  waiting: 'circle-large-outline',
  approved: 'watch',
  running: 'loading',
  ok: 'pass',
  failed: 'error',
  denied: 'circle-slash',
  cancelled: 'circle-slash',
} as const;

const words = {
  proposed: t('waiting'),
  waiting: t('waiting for approval'),
  approved: t('approved, waits for its turn'),
  running: t('running'),
  ok: t('done'),
  failed: t('failed'),
  denied: t('denied'),
  cancelled: t('cancelled'),
} as const;

/** All writes of one turn as a list, each with its card; those that are ticked can be approved together. */
export class ApprovalPlan extends Component {
  static override properties = { calls: { attribute: false }, open: { state: true }, left: { state: true } };
  /** Of one batch. */
  declare calls: readonly CallView[];
  /** The call whose card is shown. */
  declare private open: string;
  /** Requests that were taken off the list to approve. */
  declare private left: ReadonlySet<string>;
  private focusNext = false;

  constructor() {
    super();
    this.calls = [];
    this.open = '';
    this.left = new Set();
    this.addEventListener(cardStateEvent, () => this.requestUpdate());
  }

  override willUpdate(changed: PropertyValues<this>): void {
    const waiting = this.waiting();
    if (waiting.some(({ call }) => call.callId === this.open)) return;
    this.open = (waiting.find(({ request }) => request.failed !== undefined) ?? waiting[0])?.call.callId ?? '';
    this.focusNext = changed.has('calls') && changed.get('calls') !== undefined;
  }

  override updated(): void {
    if (!this.focusNext || !document.hasFocus()) return;
    this.focusNext = false;
    // The card that had the keyboard is gone; the next one comes into view.
    if (document.activeElement === document.body) this.card(this.open)?.takeFocus();
  }

  override render(): TemplateResult | typeof nothing {
    const steps = this.steps();
    const waiting = this.waiting();
    const count = steps[0]?.request.batch?.count ?? 0;
    const more = count - steps.length;
    if (waiting.length === 0) return nothing;
    return html`<section class="approval-plan" aria-label=${t('Changes to approve')}>
      <h3>${plural(waiting.length, '{0} change to approve', '{0} changes to approve')}</h3>
      <ol>
        ${steps.map((step) => this.row(step, waiting.length))}
      </ol>
      ${
        more === 0
          ? nothing
          : html`<p class="muted words">
              ${t('{0} more will follow: covered by a grant, or waiting for the result of a change above.', more)}
            </p>`
      }
      ${this.approveAll(waiting)}
      ${repeat(
        waiting,
        ({ call }) => call.callId,
        ({ call, request }) =>
          html`<approval-card
            .request=${request}
            .proposed=${call.arguments}
            ?hidden=${call.callId !== this.open}
          ></approval-card>`,
      )}
    </section>`;
  }

  private row(step: Step, waiting: number): TemplateResult {
    const { call, request } = step;
    const { status, callId } = call;
    const title = showInvisible(
      request.preview === undefined ? term(request.tool.title) : known(request.preview.title),
    );
    const canTick = status === 'waiting' && request.failed === undefined && waiting > 1;
    return html`<li class=${callId === this.open ? 'open' : ''}>
      ${
        canTick
          ? html`<input
              type="checkbox"
              aria-label=${t('Approve {0}', title)}
              .checked=${!this.left.has(request.id)}
              @change=${() => {
                this.toggle(request.id);
              }}
            />`
          : icon(...lookOf(step))
      }
      ${icon(serverIcon(call.server), 'muted')}
      <button
        class="words"
        ?disabled=${status !== 'waiting'}
        aria-expanded=${callId === this.open}
        @click=${async () => {
          this.open = callId;
          await this.updateComplete;
          this.card(callId)?.takeFocus();
        }}
      >
        <span>${title}</span>
        <span class="muted">${showInvisible(request.preview?.destination.name ?? request.tool.server)}</span>
        ${status === 'waiting' ? nothing : html`<span class="muted">· ${words[status]}</span>`}
      </button>
    </li>`;
  }

  private approveAll(waiting: readonly Step[]): TemplateResult | typeof nothing {
    const open = waiting.filter(({ request }) => request.failed === undefined);
    if (open.length < 2) return nothing;
    const ticked = open.filter(({ request }) => !this.left.has(request.id));
    const edited = ticked.find(({ call }) => this.card(call.callId)?.isEdited === true);
    if (edited !== undefined) {
      return html`<p class="muted words">
        ${t('Update or discard your changes to “{0}” before you approve it with the others.', term(edited.request.tool.title))}
      </p>`;
    }
    const all =
      ticked.length === open.length
        ? t('Approve all {0}', open.length)
        : t('Approve {0} of {1}', ticked.length, open.length);
    const read = ticked.every(({ call }) => this.card(call.callId)?.isRead === true);
    return html`<div class="buttons">
      <vscode-button
        ?disabled=${ticked.length === 0}
        @click=${() => {
          for (const { call } of ticked) this.card(call.callId)?.approveOnce();
        }}
        >${read || ticked.length === 0 ? all : t('{0} (not all shown)', all)}</vscode-button
      >
    </div>`;
  }

  private toggle(id: string): void {
    const left = new Set(this.left);
    if (!left.delete(id)) left.add(id);
    this.left = left;
  }

  private steps(): readonly Step[] {
    return this.calls.flatMap((call) => (call.request === undefined ? [] : [{ call, request: call.request }]));
  }

  private waiting(): readonly Step[] {
    return this.steps().filter(({ call }) => call.status === 'waiting');
  }

  private card(callId: string): ApprovalCard | undefined {
    const cards = [...this.querySelectorAll('approval-card')].filter((card) => card instanceof ApprovalCard);
    return cards.find(({ request }) => request?.callId === callId);
  }
}

function lookOf({ call: { status }, request }: Step): [name: string, extra: string] {
  if (status === 'failed' || request.failed !== undefined) return ['error', 'error'];
  return [looks[status], status === 'running' ? 'codicon-modifier-spin' : 'muted'];
}

customElements.define('approval-plan', ApprovalPlan);
