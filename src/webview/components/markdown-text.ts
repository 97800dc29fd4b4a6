import { html, type TemplateResult } from 'lit';
import { guard } from 'lit/directives/guard.js';
import { Component } from '../component.ts';
import { nextBlocks, type Block } from '../markdown/blocks.ts';
import { renderBlock } from '../markdown/render.ts';

const noEvidence: ReadonlySet<string> = new Set();

/** Markdown that may still be streaming. Only its last block is rendered again. */
export class MarkdownText extends Component {
  static override properties = {
    text: { attribute: false },
    known: { attribute: false },
    growing: { attribute: false },
  };
  declare text: string;
  /** Ids of evidence to turn into links. */
  declare known: ReadonlySet<string>;
  declare growing: boolean;
  private blocks: readonly Block[] = [];

  constructor() {
    super();
    this.text = '';
    this.known = noEvidence;
    this.growing = false;
  }

  override render(): TemplateResult {
    this.blocks = nextBlocks(this.blocks, this.text);
    const { known } = this;
    const last = this.growing ? this.blocks.at(-1) : undefined;
    return html`<div class="markdown">
      ${this.blocks.map((block) => guard([block, known, block === last], () => renderBlock(block, known, block === last)))}
    </div>`;
  }
}

customElements.define('markdown-text', MarkdownText);
