/** Distance from the end, in pixels, that still counts as being there. */
const near = 40;

const upKeys = new Set(['ArrowUp', 'PageUp', 'Home']);

/** What the transcript consists of, as a person would count it: steps, paragraphs, items of lists. */
const parts = '.run > :not(.pin), .markdown > :not(ol, ul), .markdown li';

/**
 * Keeps the end of a growing text in view. Only a person ends that, by scrolling up: whatever the content does, it can
 * push the end further away, but it never moves the view up. From then on the place is kept.
 */
export class Follower {
  readonly #onChange: () => void;
  readonly #resized = new ResizeObserver(() => this.#contentChanged());
  #box: HTMLElement | undefined;
  #following = true;
  /** Where the view was last seen or put. */
  #top = 0;
  #height = 0;
  #partsSeen = 0;
  #shown = '';

  /** @param onChange called when `isAway` or `news` has changed. */
  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  get isFollowing(): boolean {
    return this.#following;
  }

  /** True if the person has left the end and it is out of view. */
  get isAway(): boolean {
    return !this.#following && this.#distance() >= near;
  }

  /** How many parts have been added since the person left the end. */
  get news(): number {
    return this.#following ? 0 : Math.max(0, this.#count() - this.#partsSeen);
  }

  /** @param content the only child of `box`. */
  attach(box: HTMLElement, content: HTMLElement): void {
    this.#box = box;
    box.addEventListener('scroll', this.#onScroll, { passive: true });
    box.addEventListener('wheel', this.#onWheel, { passive: true });
    box.addEventListener('keydown', this.#onKey);
    this.#resized.observe(box);
    this.#resized.observe(content);
  }

  detach(): void {
    this.#resized.disconnect();
    this.#box?.removeEventListener('scroll', this.#onScroll);
    this.#box?.removeEventListener('wheel', this.#onWheel);
    this.#box?.removeEventListener('keydown', this.#onKey);
    this.#box = undefined;
  }

  toEnd(): void {
    this.#following = true;
    this.#scrollToEnd();
    this.#report();
  }

  /** Lets `move` put something in view, and follows on only if that is at the end. */
  show(move: () => void): void {
    this.#leave();
    move();
    this.#top = this.#box?.scrollTop ?? 0;
    if (this.#distance() < near) this.#following = true;
    this.#report();
  }

  #leave(): void {
    if (!this.#following) return;
    this.#following = false;
    this.#partsSeen = this.#count();
  }

  #contentChanged(): void {
    const height = this.#box?.scrollHeight ?? 0;
    const shrunk = height < this.#height;
    this.#height = height;
    // What the person has closed, for example, can bring the end into view.
    if (shrunk && this.#distance() < 1) this.#following = true;
    if (this.#following) this.#scrollToEnd();
    this.#report();
  }

  readonly #onScroll = (): void => {
    const before = this.#top;
    this.#top = this.#box?.scrollTop ?? 0;
    const isAtEnd = this.#distance() < near;
    if (this.#top < before - 1 && !isAtEnd) this.#leave();
    else if (this.#top > before && isAtEnd) this.#following = true;
    this.#report();
  };

  /** The view starts to move some time after the wheel, and text that arrives in between must not stop it. */
  readonly #onWheel = ({ deltaY, target }: WheelEvent): void => {
    if (deltaY < 0 && this.#top > 0 && !this.#movesInside(target)) this.#leave();
  };

  readonly #onKey = ({ key, shiftKey, target }: KeyboardEvent): void => {
    const isUp = upKeys.has(key) || (key === ' ' && shiftKey);
    const isTyping = target instanceof HTMLElement && target.matches('input, textarea, select, [contenteditable]');
    if (isUp && this.#top > 0 && !isTyping && !this.#movesInside(target)) this.#leave();
  };

  /** Whether a table, code or list around `target` scrolls up instead of the view. */
  #movesInside(target: EventTarget | null): boolean {
    let element = target instanceof Element ? target : null;
    for (; element !== null && element !== this.#box; element = element.parentElement) {
      if (element.scrollTop > 0 && /auto|scroll/u.test(getComputedStyle(element).overflowY)) return true;
    }
    return false;
  }

  #scrollToEnd(): void {
    if (this.#box === undefined) return;
    this.#box.scrollTop = this.#box.scrollHeight;
    this.#top = this.#box.scrollTop;
  }

  #distance(): number {
    if (this.#box === undefined) return 0;
    const { scrollHeight, scrollTop, clientHeight } = this.#box;
    return scrollHeight - scrollTop - clientHeight;
  }

  #count(): number {
    return this.#box?.querySelectorAll(parts).length ?? 0;
  }

  #report(): void {
    const shown = `${this.isAway} ${this.news}`;
    if (shown === this.#shown) return;
    this.#shown = shown;
    this.#onChange();
  }
}
