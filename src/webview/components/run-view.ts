import { html, nothing, type TemplateResult } from 'lit';
import type { EvidenceView } from '../../chat/vocabulary.ts';
import type { CallView, RunItem, RunView } from '../../chat/chat-state.ts';
import { Component } from '../component.ts';
import { tokens } from '../format/quantity.ts';
import './approval/approval-plan.ts';
import type { Names } from '../markdown/named.ts';
import { noNames } from '../markdown/names.ts';
import type { Known } from '../markdown/references.ts';
import { conditionList } from './condition-list.ts';
import { icon } from './icons.ts';
import { planList } from './plan-list.ts';
import { pinnedPrompt, promptBubble } from './prompt-bubble.ts';
import { runEnd } from './run-end.ts';
import { thinkingBlock } from './thinking-block.ts';
import { plural, t } from '../l10n.ts';

/** One run: the prompt, the steps, the answer and how it ended. */
export class RunArticle extends Component {
  static override properties = {
    run: { attribute: false },
    evidence: { attribute: false },
    known: { attribute: false },
    names: { attribute: false },
    last: { attribute: false },
    pinned: { state: true },
  };
  declare run: RunView | undefined;
  declare evidence: readonly EvidenceView[];
  declare known: Known;
  declare names: Names;
  declare last: boolean;
  /** The prompt is out of view, so a line at the top repeats it. */
  declare private pinned: boolean;
  private readonly watching = new IntersectionObserver((entries) => {
    this.pinned = entries.at(-1)?.isIntersecting === false;
  });

  constructor() {
    super();
    this.run = undefined;
    this.evidence = [];
    this.known = new Map();
    this.names = noNames;
    this.last = false;
    this.pinned = false;
  }

  override updated(): void {
    // The same element is not watched twice.
    const prompt = this.find('.prompt', HTMLElement);
    if (prompt !== undefined) this.watching.observe(prompt);
  }

  override disconnectedCallback(): void {
    this.watching.disconnect();
    super.disconnectedCallback();
  }

  override render(): TemplateResult | typeof nothing {
    const { run } = this;
    if (run === undefined) return nothing;
    return html`<article class="run">
      ${this.pinned ? pinnedPrompt(run.prompt, this.showPrompt) : nothing} ${promptBubble({ ...run, text: run.prompt })}
      ${planList(run.plan)} ${conditionList(run.conditions)}
      ${
        run.droppedItems === 0
          ? nothing
          : html`<p class="muted">
              ${plural(run.droppedItems, '{0} earlier step not shown. Export the session to see it.', '{0} earlier steps not shown. Export the session to see them all.')}
            </p>`
      }
      ${run.items.map((item, index) => this.item(item, run.end === undefined && index === run.items.length - 1))}
      ${run.retry === undefined ? nothing : html`<retry-notice .retry=${run.retry}></retry-notice>`}
      ${run.end === undefined ? this.working(run) : html`${runEnd(run, run.end, this)}${run.run === '' ? nothing : html`<run-timeline .run=${run.run}></run-timeline>`}`}
    </article>`;
  }

  private readonly showPrompt = (): void => {
    this.dispatchEvent(new CustomEvent('show-prompt', { bubbles: true }));
  };

  private item(item: RunItem, active: boolean): TemplateResult {
    switch (item.kind) {
      case 'text':
        return html`<markdown-text
          .text=${item.text}
          .known=${this.known}
          .names=${this.names}
          .growing=${active}
        ></markdown-text>`;
      case 'thinking':
        return thinkingBlock(item.text, active);
      case 'compaction':
        return html`<p class="line-notice muted">
          ${icon('fold')}<span class="words">
            ${plural(item.shortenedResults, 'Freed context: shortened {0} older result for Claude (the context was {1} tokens).', 'Freed context: shortened {0} older results for Claude (the context was {1} tokens).', tokens(item.tokensBefore))}
          </span>
        </p>`;
      case 'call':
        if (item.request?.batch !== undefined) return this.batched(item, item.request.batch.id);
        return item.status === 'waiting'
          ? html`<approval-card .request=${item.request} .proposed=${item.arguments}></approval-card>`
          : html`<tool-call .call=${item} .evidence=${this.evidence}></tool-call>`;
    }
  }

  /** The list of a batch stays in the place of its last call, so that its cards keep what was typed. */
  private batched(call: CallView, batch: string): TemplateResult {
    const calls = (this.run?.items ?? []).filter(
      (item): item is CallView => item.kind === 'call' && item.request?.batch?.id === batch,
    );
    return html`${call.status === 'waiting' ? nothing : html`<tool-call .call=${call} .evidence=${this.evidence}></tool-call>`}
    ${
      calls.at(-1) === call && calls.some(({ status }) => status === 'waiting')
        ? html`<approval-plan .calls=${calls}></approval-plan>`
        : nothing
    }`;
  }

  /** Shows a placeholder if nothing else indicates activity. */
  private working({ items, retry }: RunView): TemplateResult | typeof nothing {
    const last = items.at(-1);
    const isBusy = items.some((item) => item.kind === 'call' && ['waiting', 'running'].includes(item.status));
    const shows = last?.kind === 'thinking' || isBusy;
    if (shows || retry !== undefined) return nothing;
    return html`<p class="muted"><span class="shimmer">${t('Working…')}</span></p>`;
  }
}

customElements.define('run-view', RunArticle);
