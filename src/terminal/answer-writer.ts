import type { Look, Output, Paint } from './output.ts';
import { columnsOf, displayWidth, printable } from './text-layout.ts';

/** Writes the answer as it streams in. */
export interface AnswerWriter {
  readonly write: (text: string) => void;
  /** Ends the current line, if any. */
  readonly endLine: () => void;
  /** Ends the line and separates what follows. */
  readonly endBlock: () => void;
  readonly atLineStart: boolean;
}

/** On a terminal, Markdown is wrapped and lightly colored. In files and pipes it stays unchanged. */
export function createAnswerWriter(output: Output, paint: Paint): AnswerWriter {
  return output.isTTY === true ? new MarkdownWriter(output, paint) : new PlainWriter(output);
}

class PlainWriter implements AnswerWriter {
  atLineStart = true;
  readonly #output: Output;
  #separate = false;

  constructor(output: Output) {
    this.#output = output;
  }

  write(text: string): void {
    if (text === '') return;
    this.#output.write((this.#separate ? '\n' : '') + printable(text));
    this.#separate = false;
    this.atLineStart = text.endsWith('\n');
  }

  endLine(): void {
    if (!this.atLineStart) this.#output.write('\n');
    this.atLineStart = true;
  }

  endBlock(): void {
    if (this.atLineStart) return;
    this.endLine();
    this.#separate = true;
  }
}

const widest = 100;

interface Piece {
  readonly text: string;
  readonly look: Look | undefined;
}

class MarkdownWriter implements AnswerWriter {
  readonly #output: Output;
  readonly #paint: Paint;
  readonly #canShow: boolean;
  #separate = false;
  #column = 0;
  #word = '';
  /** Spaces to write before the next word. */
  #gap = '';
  /** Indent of wrapped lines: below the text of a list item. */
  #indent = 0;
  /** `text` is wrapped and colored. `verbatim` is a table line, or any line within a fence. */
  #line: 'new' | 'text' | 'heading' | 'verbatim' = 'new';
  #inFence = false;
  #bold = false;
  #code = false;

  constructor(output: Output, paint: Paint) {
    this.#output = output;
    this.#paint = paint;
    this.#canShow = paint('bold', 'x') !== 'x';
  }

  get atLineStart(): boolean {
    return this.#column === 0 && this.#word === '';
  }

  write(text: string): void {
    if (text === '') return;
    if (this.#separate) this.#output.write('\n');
    this.#separate = false;
    for (const character of printable(text)) {
      if (character === '\n') this.#newline();
      else if (character === ' ' && this.#line !== 'verbatim' && !this.#inFence) this.#space();
      else this.#word += character;
    }
    // A table or a fence shows nothing before its line is whole; a word nothing before its end.
  }

  endLine(): void {
    if (!this.atLineStart || this.#gap !== '') this.#newline();
  }

  endBlock(): void {
    if (this.atLineStart && this.#line === 'new') return;
    this.endLine();
    this.#separate = true;
    this.#inFence = false;
  }

  #newline(): void {
    this.#flushWord();
    this.#output.write('\n');
    this.#column = 0;
    this.#gap = '';
    this.#indent = 0;
    this.#line = 'new';
    this.#bold = false;
    this.#code = false;
  }

  #space(): void {
    this.#flushWord();
    this.#gap += ' ';
  }

  #flushWord(): void {
    const word = this.#word;
    this.#word = '';
    if (word === '') return;
    if (this.#inFence || word.startsWith('```')) {
      if (word.startsWith('```')) this.#inFence = !this.#inFence;
      this.#put(this.#paint(word.startsWith('```') ? 'dim' : 'cyan', this.#gap + word), displayWidth(this.#gap + word));
      if (this.#line === 'new') this.#line = 'verbatim';
      return;
    }
    if (this.#line === 'new') {
      if (this.#beginLine(word)) return;
    }
    if (this.#line === 'verbatim') this.#put(this.#gap + word, displayWidth(this.#gap + word));
    else this.#putWrapped(word);
  }

  /** @returns true if the word was the line's marker and has been handled. */
  #beginLine(word: string): boolean {
    if (this.#canShow && /^#{1,6}$/.test(word)) {
      this.#line = 'heading';
      return true;
    }
    this.#line = word.startsWith('|') ? 'verbatim' : 'text';
    if (!/^(?:[-*+>]|\d{1,3}[.)])$/.test(word)) return false;
    const mark = this.#gap + word;
    this.#put(this.#paint('dim', mark), displayWidth(mark));
    this.#indent = this.#column + 1;
    return true;
  }

  #putWrapped(word: string): void {
    const pieces = this.#inlinePieces(word);
    const width = Math.min(widest, columnsOf(this.#output.columns));
    const needed = pieces.reduce(
      (sum, { text }) => sum + displayWidth(text),
      this.#column === 0 ? 0 : this.#gap.length,
    );
    if (this.#column > this.#indent && this.#column + needed > width) {
      this.#output.write(`\n${' '.repeat(this.#indent)}`);
      this.#column = this.#indent;
      this.#gap = '';
    }
    if (this.#line === 'heading' && this.#column === 0) this.#gap = '';
    this.#put(this.#gap, this.#gap.length);
    for (const { text, look } of pieces)
      this.#put(look === undefined ? text : this.#paint(look, text), displayWidth(text));
  }

  /** Bold text loses its asterisks if the terminal can show bold. Everything else is shown as written. */
  #inlinePieces(word: string): readonly Piece[] {
    const pieces: Piece[] = [];
    for (const text of word.split(/(\*\*|`)/).filter((part) => part !== '')) {
      const wasCode = this.#code;
      if (text === '`') this.#code = !this.#code;
      const isCode = wasCode || this.#code;
      // "2**10" does not start bold text.
      const mayOpen = pieces.every((piece) => !/[\p{L}\p{N}]/u.test(piece.text));
      if (text === '**' && !isCode && this.#canShow && (this.#bold || mayOpen)) {
        this.#bold = !this.#bold;
        continue;
      }
      const isBold = this.#bold || this.#line === 'heading';
      pieces.push({ text, look: isCode ? 'cyan' : isBold ? 'bold' : undefined });
    }
    return pieces;
  }

  #put(text: string, width: number): void {
    if (text !== '') this.#output.write(text);
    this.#column += width;
    this.#gap = '';
  }
}
