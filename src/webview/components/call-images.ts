import { html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import type { Image } from '../../chat/vocabulary.ts';
import { Component } from '../component.ts';
import { showReordering } from '../format/invisible.ts';
import { t, term } from '../l10n.ts';

/** Images that a tool returned. Their bytes are shown as what they are checked to be, never by an address of theirs. */
export class CallImages extends Component {
  static override properties = { images: { attribute: false }, source: { attribute: false } };
  declare images: readonly Image[];
  /** Title of the call. */
  declare source: string;
  private addresses: readonly string[] = [];

  constructor() {
    super();
    this.images = [];
    this.source = '';
  }

  override connectedCallback(): void {
    super.connectedCallback();
    if (this.addresses.length === 0) this.makeAddresses();
  }

  override disconnectedCallback(): void {
    this.releaseAddresses();
    super.disconnectedCallback();
  }

  override willUpdate(changed: PropertyValues<this>): void {
    if (!changed.has('images')) return;
    this.releaseAddresses();
    this.makeAddresses();
  }

  override render(): TemplateResult | typeof nothing {
    const { addresses } = this;
    if (addresses.length === 0) return nothing;
    return html`<div class="call-images">
      ${addresses.map((address, index) => {
        const which = addresses.length === 1 ? t('Image') : t('Image {0} of {1}', index + 1, addresses.length);
        return html`<img src=${address} alt=${t('{0} returned by {1}', which, showReordering(term(this.source)))} />`;
      })}
    </div>`;
  }

  private makeAddresses(): void {
    this.addresses = this.images.flatMap(({ mediaType, data }) => {
      const bytes = decode(data);
      return bytes === undefined ? [] : [URL.createObjectURL(new Blob([bytes], { type: mediaType }))];
    });
  }

  private releaseAddresses(): void {
    for (const address of this.addresses) URL.revokeObjectURL(address);
    this.addresses = [];
  }
}

/** Undefined for what is not Base64. */
function decode(data: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    return Uint8Array.from(atob(data), (character) => character.codePointAt(0) ?? 0);
  } catch {
    return undefined;
  }
}

customElements.define('call-images', CallImages);
