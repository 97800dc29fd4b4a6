import { html, type TemplateResult } from 'lit';
import { guard } from 'lit/directives/guard.js';
import { Component } from '../component.ts';
import { nextBlocks, type Block } from '../markdown/blocks.ts';
import { renderBlock } from '../markdown/render.ts';

const noEvidence: ReadonlySet<string> = new Set();

/** Markdown that may still be streaming. Only its last block is rendered again. */
export class MarkdownText extends Component {
  static override properties = { text: { attribute: false }, known: { attribute: false } };
  declare text: string;
  /** Ids of evidence to turn into links. */
  declare known: ReadonlySet<string>;
  private blocks: readonly Block[] = [];

  constructor() {
    super();
    this.text = '';
    this.known = noEvidence;
  }

  override render(): TemplateResult {
    this.blocks = nextBlocks(this.blocks, this.text);
    const { known } = this;
    return html`<div class="markdown">
      ${this.blocks.map((block) => guard([block, known], () => renderBlock(block, known)))}
    </div>`;
  }
}

customElements.define('markdown-text', MarkdownText);
