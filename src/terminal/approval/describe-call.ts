import type { Arguments } from '../../agent/tools.ts';
import { printableLine } from '../text-layout.ts';

/** The arguments of a call on one line: the first text alone, the others with their names. */
export function describeArguments(input: Arguments): string {
  const parts: string[] = [];
  for (const [name, value] of Object.entries(input)) {
    const shown = printableLine(typeof value === 'string' ? value : JSON.stringify(value));
    if (shown === '') continue;
    parts.push(parts.length === 0 && typeof value === 'string' ? shown : `${printableLine(name)}=${shown}`);
  }
  return parts.join('  ');
}
