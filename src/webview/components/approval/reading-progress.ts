import type { ReactiveController, ReactiveControllerHost } from 'lit';

/** A text longer than this many screens is folded; the style sheet says how high it is then. */
const maxScreens = 3;
/** Parts of a text, from 0 (its start) to 1 (its end). */
type Part = readonly [from: number, to: number];

/**
 * Knows how much of a card's text a person has had in view, and folds a text of more than three screens.
 * Jumping from the start to the end is not reading: what lies between counts only once it was on the screen.
 */
export class ReadingProgress implements ReactiveController {
  readonly #host: ReactiveControllerHost & HTMLElement;
  #text = '';
  #seen: readonly Part[] = [];
  #opened = false;
  #folded = false;
  #transcript: Element | undefined;
  readonly #resized = new ResizeObserver(() => this.#look());

  constructor(host: ReactiveControllerHost & HTMLElement) {
    this.#host = host;
    host.addController(this);
  }

  /** Everything was in view or was opened. */
  get isComplete(): boolean {
    return this.#opened || this.#unseen() === undefined;
  }

  get isFolded(): boolean {
    return this.#folded && !this.#opened;
  }

  /** Another text begins unread; the same one stays as it was. */
  begin(text: string): void {
    if (text === this.#text) return;
    this.#text = text;
    this.#seen = [];
    this.#opened = false;
    this.#folded = false;
  }

  open(): void {
    this.#opened = true;
    this.#host.requestUpdate();
  }

  hostConnected(): void {
    this.#transcript = this.#host.closest('.transcript') ?? undefined;
    this.#transcript?.addEventListener('scroll', this.#look, { passive: true });
    if (this.#transcript !== undefined) this.#resized.observe(this.#transcript);
    this.#resized.observe(this.#host);
  }

  hostDisconnected(): void {
    this.#transcript?.removeEventListener('scroll', this.#look);
    this.#resized.disconnect();
  }

  hostUpdated(): void {
    // Children such as the Markdown render after the card.
    requestAnimationFrame(this.#look);
  }

  #unseen(): number | undefined {
    let to = 0;
    for (const part of this.#seen) {
      if (part[0] > to + tolerance) break;
      to = Math.max(to, part[1]);
    }
    return to >= 1 - tolerance ? undefined : to;
  }

  readonly #look = (): void => {
    const body = this.#host.querySelector('.approval-body:not(.editing)');
    const answer = this.#host.querySelector('.answer');
    if (this.#transcript === undefined || body === null || answer === null || document.hidden) return;
    const [before, wasFolded] = [this.isComplete, this.isFolded];
    const screen = this.#transcript.getBoundingClientRect();
    const { top, height } = body.getBoundingClientRect();
    if (height === 0 || screen.height === 0) return;
    if (!this.#opened) this.#folded = body.scrollHeight > maxScreens * window.innerHeight + foldedSlack;
    const bottom = Math.min(screen.bottom, answer.getBoundingClientRect().top);
    // Of a folded text only a part is in the box; the rest lies below it.
    const whole = this.isFolded ? body.scrollHeight : height;
    const part: Part = [(Math.max(top, screen.top) - top) / whole, (Math.min(top + height, bottom) - top) / whole];
    if (part[1] > part[0]) this.#seen = [...this.#seen, part].toSorted((a, b) => a[0] - b[0]).reduce(merge, []);
    if (before !== this.isComplete || wasFolded !== this.isFolded) this.#host.requestUpdate();
  };
}

/** Rounding, and the padding around the text. */
const tolerance = 0.01;
/** Folding must hide more than its own button takes. */
const foldedSlack = 120;

function merge(parts: readonly Part[], part: Part): readonly Part[] {
  const last = parts.at(-1);
  if (last === undefined || part[0] > last[1] + tolerance) return [...parts, part];
  return [...parts.slice(0, -1), [last[0], Math.max(last[1], part[1])]];
}
