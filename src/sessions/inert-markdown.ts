/**
 * Markdown of a model for somebody else's previewer: an image would be fetched, and what it is fetched from may tell
 * where the file was opened. Images become text, HTML is shown as it is written, and a block of code is closed at the
 * end. Code stays as it is, but only where every previewer agrees that it is code.
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
    // At the margin no list or quotation can hold the block, and end it with its own end. After one that is not there
    // it is not plain which lines are code: then all counts as text.
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

/** Spans of code count only where each line of the paragraph ends those that it begins. */
function inertParagraph(lines: readonly string[]): readonly string[] {
  const split = lines.map(splitCode);
  if (split.some((parts) => parts === undefined)) return lines.map(inert);
  return split.map((parts = []) => parts.map((part, index) => (index % 2 === 0 ? inert(part) : part)).join(''));
}

/** Text and code by turns; undefined where it is not plain which is which. */
function splitCode(line: string): readonly string[] | undefined {
  const parts: string[] = [];
  let from = 0;
  let open: { readonly ticks: number; readonly index: number } | undefined;
  for (const { 0: run, index } of line.matchAll(/`+/gu)) {
    if (line[index - 1] === '\\') return undefined;
    if (open === undefined) open = { ticks: run.length, index };
    else if (open.ticks === run.length) {
      const code = line.slice(open.index, index + run.length);
      if (code.includes('|')) return undefined; // in a table it would end the cell, and with it the code
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
