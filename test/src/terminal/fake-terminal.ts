import { PassThrough } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import type { RunEvent } from '../../../src/agent/events.ts';
import { createTextFront, type TextFront } from '../../../src/terminal/text-front.ts';

/** A stream that can pass for a terminal. */
export class FakeStream extends PassThrough {
  readonly isTTY: boolean;
  readonly columns: number;
  text = '';

  constructor(isTTY: boolean, columns = 80) {
    super();
    this.isTTY = isTTY;
    this.columns = columns;
    this.on('data', (chunk: Buffer) => {
      this.text += chunk.toString();
    });
  }
}

export interface FakeTerminal {
  readonly front: TextFront;
  readonly stdin: FakeStream;
  readonly stdout: FakeStream;
  readonly stderr: FakeStream;
  interrupts: number;
}

export function fakeTerminal(
  options: { isTTY?: boolean; columns?: number; variables?: Record<string, string> } = {},
): FakeTerminal {
  const { isTTY = true, columns = 80, variables = {} } = options;
  const [stdin, stdout, stderr] = [
    new FakeStream(isTTY),
    new FakeStream(isTTY, columns),
    new FakeStream(isTTY, columns),
  ];
  const terminal: FakeTerminal = {
    stdin,
    stdout,
    stderr,
    interrupts: 0,
    front: createTextFront({
      stdin,
      stdout,
      stderr,
      variables,
      interrupt: () => {
        terminal.interrupts += 1;
      },
    }),
  };
  return terminal;
}

export async function* eventsOf(...events: readonly RunEvent[]): AsyncGenerator<RunEvent> {
  for (const event of events) {
    await turn();
    yield event;
  }
}

// oxlint-disable-next-line no-control-regex -- this is what styles are made of
const styles = /\u001B\[[0-9;]*m/g;
// oxlint-disable-next-line no-control-regex -- a line of status, erased by what follows it
const statusLines = /\r\u001B\[2K[^\n\r]*(?=\r\u001B\[2K)|\r\u001B\[2K/g;

/** The final screen, without colors and erased status lines. */
export function remaining(text: string): string {
  return text.replaceAll(statusLines, '').replaceAll(styles, '');
}
