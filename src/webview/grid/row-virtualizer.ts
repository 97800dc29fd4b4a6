import { elementScroll, observeElementOffset, observeElementRect, Virtualizer } from '@tanstack/virtual-core';

export const rowHeight = 24;
/** The headings and the filters below them. */
export const headHeight = 56;

/** Knows which rows can be seen. */
export function createRowVirtualizer(
  scroller: () => HTMLElement | undefined,
  onChange: () => void,
): Virtualizer<HTMLElement, HTMLElement> {
  return new Virtualizer<HTMLElement, HTMLElement>({
    count: 0,
    getScrollElement: () => scroller() ?? null,
    estimateSize: () => rowHeight,
    overscan: 6,
    scrollMargin: headHeight,
    scrollPaddingStart: headHeight,
    scrollToFn: elementScroll,
    observeElementRect,
    observeElementOffset,
    onChange,
  });
}
