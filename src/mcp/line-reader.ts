import { StringDecoder } from 'node:string_decoder';

export interface LineReader {
  readonly push: (chunk: Buffer) => void;
  /** Emits a last line without a newline. */
  readonly end: () => void;
}

interface LineSink {
  readonly onLine: (line: string) => void;
  /** For a line that is too long: emit its beginning and skip the rest, or report it once and stop reading. */
  readonly onOverflow: 'cut' | (() => void);
}

const newline = 0x0a;

/**
 * Splits a byte stream into lines without line endings and buffers at most `maxBytes` of an unfinished line. Chunks are
 * joined only when the line is complete, so that long lines are not copied repeatedly.
 */
export function createLineReader(maxBytes: number, sink: LineSink): LineReader {
  let pieces: Buffer[] = [];
  let bufferedBytes = 0;
  let state: 'reading' | 'skipping' | 'over' = 'reading';

  const flush = (): void => {
    const text = new StringDecoder('utf8').write(pieces.length === 1 && pieces[0] ? pieces[0] : Buffer.concat(pieces));
    pieces = [];
    bufferedBytes = 0;
    sink.onLine(text.endsWith('\r') ? text.slice(0, -1) : text);
  };

  const keep = (piece: Buffer): void => {
    if (state !== 'reading') return;
    const room = maxBytes - bufferedBytes;
    if (piece.length <= room) {
      pieces.push(piece);
      bufferedBytes += piece.length;
      return;
    }
    if (sink.onOverflow !== 'cut') {
      state = 'over';
      pieces = [];
      bufferedBytes = 0;
      sink.onOverflow();
      return;
    }
    pieces.push(piece.subarray(0, room));
    flush();
    state = 'skipping';
  };

  return {
    push: (chunk) => {
      let start = 0;
      while (state !== 'over') {
        const end = chunk.indexOf(newline, start);
        if (end === -1) break;
        keep(chunk.subarray(start, end));
        if (state === 'reading') flush();
        else if (state === 'skipping') state = 'reading';
        start = end + 1;
      }
      if (start < chunk.length) keep(chunk.subarray(start));
    },
    end: () => {
      if (bufferedBytes > 0) flush();
    },
  };
}
