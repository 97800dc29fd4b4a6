import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';

/** A program of Debian that runs until it is stopped. */
export interface Program {
  readonly stop: () => Promise<void>;
}

export function startProgram(command: string, words: readonly string[]): Program {
  const child = spawn(command, words, { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (part) => (said = `${said}${String(part)}`.slice(-2_000)));
  const ended = new Promise<void>((resolve) => {
    child.once('error', () => resolve());
    child.once('close', (code) => {
      if (code !== 0 && code !== null) process.stderr.write(`${command} ended with ${code}: ${said}\n`);
      resolve();
    });
  });
  return {
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

/** Asks until the answer is there. @throws once `limitMs` is over */
export async function until<Result>(
  what: string,
  limitMs: number,
  ask: () => Promise<Result | undefined>,
): Promise<Result> {
  const end = performance.now() + limitMs;
  for (;;) {
    const result = await ask();
    if (result !== undefined) return result;
    if (performance.now() > end) throw new Error(`${what}: not within ${limitMs / 1000} s`);
    await sleep(250);
  }
}
