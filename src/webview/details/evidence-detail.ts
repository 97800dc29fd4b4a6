import { nothing, type PropertyValues, type TemplateResult } from 'lit';
import type { EvidenceDetail } from '../../chat/evidence-details.ts';
import { Component } from '../component.ts';
import { onHostMessage, post } from '../host.ts';
import { healthFindings } from './health-findings.ts';
import { planTree } from './plan-tree.ts';
import { schemaTable } from './schema-table.ts';

/** A result that is no table, drawn as what it is. The host reads it, because only the host knows who returned it. */
export class EvidenceDetailView extends Component {
  static override properties = { evidence: { attribute: false }, detail: { state: true } };
  declare evidence: string;
  declare private detail: EvidenceDetail | undefined;
  private stopListening: (() => void) | undefined;

  constructor() {
    super();
    this.evidence = '';
    this.detail = undefined;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.stopListening = onHostMessage((message) => {
      if (message.type === 'evidence-detail' && message.id === this.evidence) this.detail = message.detail;
    });
  }

  override disconnectedCallback(): void {
    this.stopListening?.();
    super.disconnectedCallback();
  }

  override updated(changed: PropertyValues<this>): void {
    if (changed.has('evidence') && this.evidence !== '') post({ type: 'read-detail', id: this.evidence });
  }

  override render(): TemplateResult | typeof nothing {
    switch (this.detail?.kind) {
      case 'plan':
        return planTree(this.detail.plan);
      case 'table':
        return schemaTable(this.evidence, this.detail.table);
      case 'health':
        return healthFindings(this.detail.health);
      case undefined:
        return nothing;
    }
  }
}

customElements.define('evidence-detail', EvidenceDetailView);
