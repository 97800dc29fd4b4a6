import { html, nothing, svg, type PropertyValues, type TemplateResult } from 'lit';
import { Component } from '../component.ts';
import { dashes } from '../format/chart-labels.ts';
import type { ChartShape } from '../format/chart-shape.ts';
import { loadChart } from '../load-chart.ts';

/** A chart of evidence that fills the available width. Hidden from screen readers, which read the table instead. */
export class EvidenceChart extends Component {
  static override properties = { shape: { attribute: false } };
  declare shape: ChartShape | undefined;
  private readonly resizing = new ResizeObserver(() => void this.draw());
  private drawnAt = 0;

  constructor() {
    super();
    this.shape = undefined;
  }

  override render(): TemplateResult | typeof nothing {
    const { shape } = this;
    if (shape === undefined) return nothing;
    return html`
      ${
        shape.series.length < 2 && shape.kind === 'category'
          ? nothing
          : html`<ul class="legend ${shape.kind}" aria-hidden="true">
              ${shape.series.map((name, index) => html`<li>${shape.kind === 'time' ? line(index) : nothing}${name}</li>`)}
            </ul>`
      }
      <div class="chart" aria-hidden="true"></div>
    `;
  }

  override firstUpdated(): void {
    this.resizing.observe(this);
  }

  override updated(changed: PropertyValues<this>): void {
    if (changed.has('shape')) this.drawnAt = 0;
  }

  override disconnectedCallback(): void {
    this.resizing.disconnect();
    super.disconnectedCallback();
  }

  private async draw(): Promise<void> {
    const { shape } = this;
    const width = Math.floor(this.clientWidth);
    if (shape === undefined || width === 0 || width === this.drawnAt) return;
    this.drawnAt = width;
    const { drawChart } = await loadChart();
    if (width === this.drawnAt) this.find('.chart', HTMLElement)?.replaceChildren(drawChart(shape, width));
  }
}

function line(index: number): TemplateResult {
  const sample = svg`<line x1="0" y1="4" x2="22" y2="4" stroke-width="1.75" stroke-dasharray=${dashes[index] ?? 'none'}></line>`;
  return html`<svg width="22" height="8">${sample}</svg>`;
}

customElements.define('evidence-chart', EvidenceChart);
