import { ToolError } from './errors.ts';

/** Larger files are not fetched. */
export const maxFileBytes = 5 * 1024 * 1024;
/** Characters of a file per answer. */
const maxPage = 40_000;

interface FilePage {
  readonly text: string;
  /** Where the next page starts; undefined on the last page. */
  readonly next: number | undefined;
}

/** @throws ToolError `too_large` */
export function requireReadable(name: string, bytes: number): void {
  if (bytes <= maxFileBytes) return;
  throw new ToolError('too_large', `${name} has ${bytes} bytes. The limit is ${maxFileBytes}.`, {
    hint: 'Ask someone for the relevant part, or open it in a browser.',
  });
}

/**
 * The text of a file, whatever its name or type: UTF-8, UTF-16 with a byte order mark, or Windows-1252 if its type says
 * that it is text.
 * @throws ToolError `invalid_arguments` if it is not text.
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
    `${name} is not a text file (${mediaType || 'unknown type'}). Only text can be read.`,
    {
      hint: 'Open it in a browser.',
    },
  );
}

/** One page of a text, never cut inside a character. @throws ToolError for an offset past the end. */
export function pageOf(text: string, offset: number): FilePage {
  if (offset > text.length)
    throw new ToolError('invalid_arguments', `'offset': the text has ${text.length} characters.`);
  const end = offset + maxPage;
  if (end >= text.length) return { text: text.slice(offset), next: undefined };
  // Prefer to cut at a line break near the end.
  const line = text.lastIndexOf('\n', end) + 1;
  const cut = line > offset + maxPage / 2 ? line : end - (/[\uD800-\uDBFF]/.test(text.charAt(end - 1)) ? 1 : 0);
  return { text: text.slice(offset, cut), next: cut };
}
