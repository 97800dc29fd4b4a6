import type { Image, ToolOutcome } from '../tools.ts';

/** People see more at once than the model is worth paying for, but every view and the session file hold a copy. */
const mostImages = 4;
/** Length in Base64: about 750 KB. */
const longestImage = 1_000_000;

/** The images of a call that views get. */
export function shownImages(outcome: ToolOutcome): { readonly images?: readonly Image[] } {
  if (outcome.kind === 'failure') return {};
  const images = (outcome.images ?? []).filter(({ data }) => data.length <= longestImage).slice(0, mostImages);
  return images.length === 0 ? {} : { images };
}
