import { write } from '../../vscode/window/quick-input.ts';
import type { Scene } from '../../vscode/window/scene.ts';

/** Sends a message in the chat, which is open. */
export async function send({ window }: Scene, text: string): Promise<void> {
  const composer = window.chat.getByLabel('Ask Switchboard');
  await write(composer, text);
  await composer.press('Enter');
}

/** Prints the median, the 95th percentile and the maximum of times in milliseconds. */
export function printTimes(what: string, times: readonly number[]): void {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number): string => (sorted[Math.ceil(share * sorted.length) - 1] ?? Number.NaN).toFixed(0);
  process.stdout.write(`${what}: p50 ${at(0.5)} ms, p95 ${at(0.95)} ms, max ${at(1)} ms (${times.length} times)\n`);
}
