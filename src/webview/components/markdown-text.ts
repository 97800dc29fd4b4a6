import { html, type TemplateResult } from 'lit';
import { guard } from 'lit/directives/guard.js';
import { Component } from '../component.ts';
import { nextBlocks, type Block } from '../markdown/blocks.ts';
import type { Known } from '../markdown/references.ts';
import { renderBlock } from '../markdown/render.ts';

const noEvidence: Known = new Map();

/** Markdown that may still be streaming. Only its last block is rendered again. */
export class MarkdownText extends Component {
  static override properties = {
    text: { attribute: false },
    known: { attribute: false },
    growing: { attribute: false },
  };
  declare text: string;
  /** Evidence that the text can refer to. */
  declare known: Known;
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
