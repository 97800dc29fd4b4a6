import { html, type TemplateResult } from 'lit';
import { guard } from 'lit/directives/guard.js';
import { Component } from '../component.ts';
import { nextBlocks, type Block } from '../markdown/blocks.ts';
import { noFigures, type Figures } from '../markdown/figures.ts';
import type { Names } from '../markdown/named.ts';
import { noNames } from '../markdown/names.ts';
import type { Known } from '../markdown/references.ts';
import { renderBlock } from '../markdown/render.ts';

const noEvidence: Known = new Map();

/** Markdown that may still be streaming. Only its last block is rendered again. */
export class MarkdownText extends Component {
  static override properties = {
    text: { attribute: false },
    known: { attribute: false },
    growing: { attribute: false },
    figures: { attribute: false },
    names: { attribute: false },
  };
  declare text: string;
  /** Evidence that the text can refer to. */
  declare known: Known;
  declare growing: boolean;
  /** Figures that no evidence supports. */
  declare figures: Figures;
  /** What this session has named. */
  declare names: Names;
  private blocks: readonly Block[] = [];

  constructor() {
    super();
    this.text = '';
    this.known = noEvidence;
    this.growing = false;
    this.figures = noFigures;
    this.names = noNames;
  }

  override render(): TemplateResult {
    this.blocks = nextBlocks(this.blocks, this.text);
    const { known, figures, names } = this;
    const last = this.growing ? this.blocks.at(-1) : undefined;
    return html`<div class="markdown">
      ${this.blocks.map((block) =>
        guard([block, known, figures, names, block === last], () =>
          renderBlock(block, known, { growing: block === last, figures, names }),
        ),
      )}
    </div>`;
  }
}

customElements.define('markdown-text', MarkdownText);
