/**
 * Makes a model's Markdown safe for any previewer: fetching an image could reveal where the file was opened. Images
 * become text, HTML is shown literally, and an open code block is closed at the end. Code stays unchanged, but only
 * where every previewer agrees that it is code.
 */
export function inertMarkdown(text: string): string {
  const done: string[] = [];
  let paragraph: string[] = [];
  let fence: string | undefined;
  let isUnsure = false;
  const endParagraph = (): void => {
    done.push(...inertParagraph(paragraph));
    paragraph = [];
  };
  for (const line of text.split(/\r\n|\n|\r/u)) {
    if (fence !== undefined) {
      done.push(line);
      if (closes(line, fence)) fence = undefined;
      continue;
    }
    // Only blocks at the margin count, because the end of an enclosing list or quote would close a nested one. After an
    // indented fence it is unclear which lines are code, so everything counts as text.
    if (!isUnsure) fence = /^(`{3,})[^`]*$/u.exec(line)?.[1] ?? /^(~{3,})/u.exec(line)?.[1];
    if (fence === undefined && /^[^`~]*(?:`{3}|~{3})/u.test(line)) isUnsure = true;
    if (fence !== undefined) {
      endParagraph();
      done.push(line);
    } else {
      paragraph.push(line);
      if (line.trim() === '') endParagraph();
    }
  }
  endParagraph();
  return [...done, ...(fence === undefined ? [] : [fence])].join('\n');
}

function closes(line: string, fence: string): boolean {
  const bare = line.trimEnd();
  const mark = bare.replace(/^ {1,3}/u, '');
  return mark.length >= fence.length && mark === fence.charAt(0).repeat(mark.length);
}

/** Code spans count only if each line of the paragraph closes the spans it opens. */
function inertParagraph(lines: readonly string[]): readonly string[] {
  const split = lines.map(splitCode);
  if (split.some((parts) => parts === undefined)) return lines.map(inert);
  return split.map((parts = []) => parts.map((part, index) => (index % 2 === 0 ? inert(part) : part)).join(''));
}

/** Alternating text and code; undefined if it is unclear which is which. */
function splitCode(line: string): readonly string[] | undefined {
  const parts: string[] = [];
  let from = 0;
  let open: { readonly ticks: number; readonly index: number } | undefined;
  for (const { 0: run, index } of line.matchAll(/`+/gu)) {
    if (line[index - 1] === '\\') return undefined;
    if (open === undefined) open = { ticks: run.length, index };
    else if (open.ticks === run.length) {
      const code = line.slice(open.index, index + run.length);
      if (code.includes('|')) return undefined; // in a table it would end the cell and the code
      parts.push(line.slice(from, open.index), code);
      from = index + run.length;
      open = undefined;
    }
  }
  return open === undefined ? [...parts, line.slice(from)] : undefined;
}

function inert(text: string): string {
  return text
    .replaceAll('![', String.raw`!\[`)
    .replaceAll(/<https?:\/\/[^\s<>`]{1,2000}>|<(?=[a-z/!?])/giu, (found) => (found === '<' ? '&lt;' : found));
}
