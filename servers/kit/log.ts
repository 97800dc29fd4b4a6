import type { Redact } from '../contract/redact.ts';

export type Level = 'debug' | 'info' | 'warn' | 'error';

/** Writes JSON lines to stderr; stdout is for the protocol. */
export interface Log {
  (level: Level, message: string, fields?: Readonly<Record<string, unknown>>): void;
}

const order: readonly Level[] = ['debug', 'info', 'warn', 'error'];

/** @param trace the fields that say to which trace a line belongs. */
export function createLog(
  server: string,
  threshold: Level,
  redact: Redact,
  trace: () => object | undefined = () => undefined,
  write = writeStderr,
): Log {
  return (level, message, fields) => {
    if (order.indexOf(level) < order.indexOf(threshold)) return;
    const line = JSON.stringify({ time: new Date().toISOString(), level, server, message, ...trace(), ...fields });
    write(`${redact(line)}\n`);
  };
}

function writeStderr(text: string): void {
  process.stderr.write(text);
}
