import type { Output, Paint } from './output.ts';
import { styleText } from 'node:util';
import { createAnswerWriter, type AnswerWriter } from './answer-writer.ts';
import { columnsOf, cutToWidth } from './text-layout.ts';

export interface ScreenOptions {
  /** The answer, and nothing else. */
  readonly stdout: Output;
  /** Everything else. */
  readonly stderr: Output;
  /** For NO_COLOR, FORCE_COLOR and TERM. */
  readonly variables: Readonly<Record<string, string | undefined>>;
}

const spinnerFrames = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const frameMs = 100;
const eraseLine = '\r\u{1B}[2K';
const widthWithoutTerminal = 120;

/** NO_COLOR (no-color.org) and FORCE_COLOR decide before the terminal does. */
export function createPaint(output: Output, variables: ScreenOptions['variables']): Paint {
  const forced = variables['FORCE_COLOR'];
  const off = (variables['NO_COLOR'] ?? '') !== '' || forced === '0' || variables['TERM'] === 'dumb';
  const on = !off && (output.isTTY === true || (forced ?? '') !== '');
  return (look, text) => (on ? styleText(look, text, { validateStream: false }) : text);
}

/**
 * Two streams that usually share a terminal: the answer on stdout, lines about it on stderr, and below them, on a
 * terminal, a temporary status line.
 */
export class Screen {
  readonly paint: Paint;
  readonly #options: ScreenOptions;
  readonly #answer: AnswerWriter;
  readonly #sameTerminal: boolean;
  #status: (() => string) | undefined;
  #shown = false;
  #frame = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: ScreenOptions) {
    const { stdout, stderr, variables } = options;
    this.#options = options;
    this.paint = createPaint(stderr, variables);
    this.#answer = createAnswerWriter(stdout, createPaint(stdout, variables));
    this.#sameTerminal = stdout.isTTY === true && stderr.isTTY === true;
  }

  /** Columns for lines on stderr. */
  get width(): number {
    const { isTTY, columns } = this.#options.stderr;
    return isTTY === true ? columnsOf(columns) : widthWithoutTerminal;
  }

  get isTerminal(): boolean {
    return this.#options.stderr.isTTY === true;
  }

  /** Writes a piece of the answer. */
  answer(text: string): void {
    this.#hideStatus();
    this.#answer.write(text);
  }

  /** Ends this part of the answer. */
  endAnswer(): void {
    this.#hideStatus();
    this.#answer.endBlock();
  }

  /** Writes whole lines unchanged. The caller has made them printable. */
  note(...lines: readonly string[]): void {
    this.#hideStatus();
    if (this.#sameTerminal) this.#answer.endLine();
    for (const line of lines) this.#options.stderr.write(`${line}\n`);
    this.#drawStatus();
  }

  /** Shown until the next call, on a terminal only. The text is computed again for each frame. */
  setStatus(status: (() => string) | undefined): void {
    this.#status = status;
    if (!this.isTerminal) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#hideStatus();
    if (status === undefined) return;
    this.#drawStatus();
    this.#timer = setInterval(() => this.#drawStatus(), frameMs);
    this.#timer.unref();
  }

  #drawStatus(): void {
    if (this.#status === undefined || !this.isTerminal) return;
    // There is no room for it in the middle of an answer line.
    if (this.#sameTerminal && !this.#answer.atLineStart) return;
    this.#frame = (this.#frame + 1) % spinnerFrames.length;
    const line = cutToWidth(`${spinnerFrames[this.#frame] ?? ''} ${this.#status()}`, this.width - 1);
    this.#options.stderr.write(`${eraseLine}${this.paint('dim', line)}`);
    this.#shown = true;
  }

  #hideStatus(): void {
    if (!this.#shown) return;
    this.#options.stderr.write(eraseLine);
    this.#shown = false;
  }
}
