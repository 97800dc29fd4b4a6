import { html, nothing, type TemplateResult } from 'lit';
import type { Segment, Timeline } from '../../../chat/timeline.ts';
import { Component } from '../../component.ts';
import { dollars, duration, tokens } from '../../format/quantity.ts';
import { onHostMessage, post } from '../../host.ts';
import { icon } from '../icons.ts';
import { known, plural, t, term } from '../../l10n.ts';

const kinds: Readonly<Record<Segment['kind'], { readonly icon: string; readonly word: string }>> = {
  model: { icon: 'sparkle', word: t('Model') },
  call: { icon: 'tools', word: t('Calls') },
  person: { icon: 'account', word: t('Waiting for you') },
  retry: { icon: 'watch', word: t('Waiting for the model') },
};

/** Where the time and the money of a run went. Asked for when it is opened. */
export class RunTimeline extends Component {
  static override properties = { run: { attribute: false }, timeline: { state: true } };
  declare run: string;
  declare private timeline: Timeline | undefined;
  private stop: (() => void) | undefined;

  constructor() {
    super();
    this.run = '';
    this.timeline = undefined;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.stop = onHostMessage((message) => {
      if (message.type === 'timeline' && message.run === this.run) this.timeline = message.timeline;
    });
  }

  override disconnectedCallback(): void {
    this.stop?.();
    super.disconnectedCallback();
  }

  override render(): TemplateResult {
    return html`<details class="timeline" @toggle=${this.onToggle}>
      <summary>${icon('chevron-right', 'twist')}<span>${t('Timeline')}</span></summary>
      ${this.timeline === undefined ? nothing : table(this.timeline)}
    </details>`;
  }

  private readonly onToggle = ({ target }: Event): void => {
    if (target instanceof HTMLDetailsElement && target.open) post({ type: 'show-timeline', run: this.run });
  };
}

function table({ segments, totalMs, leftOut }: Timeline): TemplateResult {
  return html`<p class="words muted">${totals(segments, totalMs)}</p>
    <table aria-label=${t('Timeline of the run')}>
      <thead class="hidden">
        <tr>
          <th scope="col">${t('Step')}</th>
          <th scope="col">${t('When')}</th>
          <th scope="col">${t('Time')}</th>
        </tr>
      </thead>
      <tbody>
        ${segments.map((segment) => row(segment, Math.max(1, totalMs)))}
      </tbody>
    </table>
    ${leftOut === 0 ? nothing : html`<p class="muted">${plural(leftOut, '{0} more step not shown.', '{0} more steps not shown.')}</p>`}`;
}

function row(segment: Segment, totalMs: number): TemplateResult {
  const { kind, label, startMs, durationMs, failed } = segment;
  const left = (Math.min(startMs, totalMs) / totalMs) * 100;
  const width = Math.max(0.6, (Math.min(durationMs, totalMs - startMs) / totalMs) * 100);
  const spent = spentOn(segment);
  const name = named(kind, kind === 'model' || kind === 'retry' ? known(label) : term(label));
  return html`<tr class=${kind}>
    <th scope="row" title=${name}>
      ${icon(failed === true ? 'error' : kinds[kind].icon, failed === true ? 'error' : '')}<bdi class="ellipsis"
        >${name}</bdi
      >
    </th>
    <td class="track" title=${t('after {0}', duration(startMs))}>
      <span class="hidden">${t('after {0}', duration(startMs))}</span>
      <svg viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
        <rect x=${Math.min(left, 99.4)} y="1" width=${width} height="6"></rect>
      </svg>
    </td>
    <td class="spent" title=${spent}>
      ${duration(durationMs)}${spent === '' ? nothing : html`<span class="muted"> · ${spent}</span>`}
    </td>
  </tr>`;
}

function named(kind: Segment['kind'], label: string): string {
  if (kind === 'person') return t('You: {0}', label);
  return kind === 'retry' ? t('Waited: {0}', label) : label;
}

function spentOn({ cost, tokens: used }: Segment): string {
  if (cost !== undefined) return dollars(cost);
  return used === undefined || used === 0 ? '' : t('{0} tokens', tokens(used));
}

/** Times of calls that ran beside each other are counted once each, so the parts can be more than the whole. */
function totals(segments: readonly Segment[], totalMs: number): string {
  const parts = Object.entries(kinds).flatMap(([kind, { word }]) => {
    const sum = segments.reduce((total, each) => (each.kind === kind ? total + each.durationMs : total), 0);
    return sum === 0 ? [] : [`${word} ${duration(sum)}`];
  });
  const cost = segments.reduce((sum, each) => sum + (each.cost ?? 0), 0);
  return [duration(totalMs), ...parts, ...(cost === 0 ? [] : [dollars(cost)])].join(' · ');
}

customElements.define('run-timeline', RunTimeline);
