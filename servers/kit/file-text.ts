import { ToolError } from './errors.ts';

/** No larger file is fetched to be read. */
export const maxFileBytes = 5 * 1024 * 1024;
/** Characters of a file that one answer holds. */
const maxPage = 40_000;

interface FilePage {
  readonly text: string;
  /** Where the next page begins; undefined after the last one. */
  readonly next: number | undefined;
}

/** @throws ToolError `too_large` */
export function requireReadable(name: string, bytes: number): void {
  if (bytes <= maxFileBytes) return;
  throw new ToolError('too_large', `${name} has ${bytes} bytes; files of at most ${maxFileBytes} are read.`, {
    hint: 'Ask for the part that matters, or open it in a browser.',
  });
}

/**
 * The text of a file, whatever it calls itself: UTF-8, UTF-16 with its mark, or, where its type says that it is text,
 * Windows-1252. @throws ToolError `invalid_arguments` for what is no text.
 */
export function decodeFile(bytes: Uint8Array, name: string, mediaType: string): string {
  const marked = [
    [0xff, 0xfe, 'utf-16le'],
    [0xfe, 0xff, 'utf-16be'],
  ] as const;
  for (const [first, second, encoding] of marked)
    if (bytes[0] === first && bytes[1] === second) return new TextDecoder(encoding).decode(bytes);
  const isBinary = bytes.subarray(0, 8_000).includes(0);
  if (!isBinary) {
    try {
      return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      // Not UTF-8: an old export may still be text.
      if (/^text\/|csv|json|xml/.test(mediaType)) return new TextDecoder('windows-1252').decode(bytes);
    }
  }
  throw new ToolError(
    'invalid_arguments',
    `${name} is no text (${mediaType || 'of unknown type'}): only text is read.`,
    {
      hint: 'Open it in a browser.',
    },
  );
}

/** A page of a text, never cut within a character. @throws ToolError for an offset beyond the end. */
export function pageOf(text: string, offset: number): FilePage {
  if (offset > text.length)
    throw new ToolError('invalid_arguments', `'offset': the text has ${text.length} characters.`);
  const end = offset + maxPage;
  if (end >= text.length) return { text: text.slice(offset), next: undefined };
  // A line break near the end is the better place.
  const line = text.lastIndexOf('\n', end) + 1;
  const cut = line > offset + maxPage / 2 ? line : end - (/[\uD800-\uDBFF]/.test(text.charAt(end - 1)) ? 1 : 0);
  return { text: text.slice(offset, cut), next: cut };
}
