import type { MarkdownIt } from 'markdown-it';
import cjkFriendly from 'markdown-it-cjk-friendly';

/**
 * Emphasis as people mean it: it also works next to Chinese, Japanese and Korean text, and leaves multiplication,
 * globs, regular expressions, SQL and identifiers alone, where CommonMark would remove the asterisks.
 */
export function readEmphasis(parser: MarkdownIt): void {
  parser.use(cjkFriendly);
  const Before = parser.inline.State;
  parser.inline.State = class extends Before {
    override scanDelims(start: number, canSplitWord: boolean): ReturnType<InstanceType<typeof Before>['scanDelims']> {
      const found = super.scanDelims(start, canSplitWord);
      const end = start + found.length;
      if (this.src[start] === '_') return { ...found, can_open: found.can_open && !isCodeName(this.src, start) };
      if (this.src[start] !== '*') return found;
      const run = {
        before: previous(this.src, start),
        after: next(this.src, end),
        text: this.src,
        end,
        length: found.length,
      };
      return { ...found, can_open: found.can_open && mayOpen(run), can_close: found.can_close && mayClose(run) };
    }
  };
}

interface Run {
  /** The characters before and after; a space at either end of the text. */
  readonly before: string;
  readonly after: string;
  readonly text: string;
  readonly end: number;
  readonly length: number;
}

function previous(text: string, at: number): string {
  return Array.from(text.slice(Math.max(0, at - 2), at)).at(-1) ?? ' ';
}

function next(text: string, at: number): string {
  const code = text.codePointAt(at);
  return code === undefined ? ' ' : String.fromCodePoint(code);
}

/** Letters of scripts that separate words by spaces: an asterisk between two of them is multiplication. */
const spacedLetter =
  /(?![\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Bopomofo}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}])[\p{L}\p{N}]/u;

function mayOpen({ before, after, text, end, length }: Run): boolean {
  if (spacedLetter.test(before)) return length > 1 && isInsideWord(text, end - length, end);
  if (isEnclosed(before, after)) return false;
  // count(*), a/**/b, (x)*(y), [*], SELECT *, a
  if (/[/\\)\]}]/.test(before) || /[)\]}>,;|]/.test(after)) return false;
  // .*x.*, *.log, and a one-letter file name: *?
  return length > 1 || !(before === '.' || /[.?]/.test(after));
}

function mayClose({ before, after, text, end, length }: Run): boolean {
  if (isEnclosed(before, after) || /[([{/,;]/.test(before)) return false;
  // *test*.ts
  if (after === '.' && spacedLetter.test(next(text, end + 1))) return false;
  return length > 1 || !(spacedLetter.test(after) || after === '/');
}

/** un**believ**able, but not x**y**2 */
function isInsideWord(text: string, start: number, end: number): boolean {
  return /\p{L}{2}$/u.test(text.slice(0, start)) && /^\p{L}{2}/u.test(text.slice(end));
}

/** '*', "*", -*- */
function isEnclosed(before: string, after: string): boolean {
  return before === after && /[\p{P}\p{S}]/u.test(before) && !/[*_~]/.test(before);
}

const wellKnown = new Set(
  `all author call class del dict dirname doc enter exit file filename getitem getattr hash import init iter len main module
  mocks name new next proto pycache repr setattr setitem slots snapshots str test tests typename version`.split(/\s+/),
);
const codeName = /__([a-zA-Z][\w]*?)__(?![\p{L}\p{N}_])(\(|\.[\p{L}\p{N}])?/uy;

/** __init__, __tests__/x, obj.__custom__, __custom__() */
function isCodeName(text: string, start: number): boolean {
  codeName.lastIndex = start;
  const [, name = '', call] = codeName.exec(text) ?? [];
  return name !== '' && (wellKnown.has(name) || call !== undefined || /["'./\\]/.test(previous(text, start)));
}
