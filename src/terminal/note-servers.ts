import type { Switchboard } from '../switchboard.ts';
import { printableLine } from './text-layout.ts';

/**
 * Says which third parties' servers and tools are missing, each once. A run that needs one of our servers reports itself
 * that it is missing.
 */
export function noteServers(
  { hub, further }: Pick<Switchboard, 'hub' | 'further'>,
  note: (line: string) => void,
): void {
  for (const line of [...further.leftOut, ...further.notes]) note(printableLine(line));
  const told = new Set<string>();
  hub.onState(({ title, trusted, state }) => {
    if (!trusted && state.status === 'failed') note(printableLine(state.reason));
    for (const line of state.status === 'ready' ? state.leftOut : []) {
      const text = printableLine(`A tool of ${title} is not offered: ${line}`);
      if (!told.has(text)) note(text);
      told.add(text);
    }
  });
}
