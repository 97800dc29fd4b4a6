import { UsageError } from './exit-codes.ts';
import type { RunOptions } from './program.ts';
import { printableLine } from './text-layout.ts';

const maxLength = 200;

/** What a run is for, if `--occasion` says so. @throws UsageError */
export function readOccasion({ occasion, session }: Pick<RunOptions, 'occasion' | 'session'>): string | undefined {
  if (occasion === undefined) return undefined;
  if (session !== undefined) throw new UsageError('--occasion has a session of its own: leave --session out');
  if (occasion.trim() === '' || occasion.length > maxLength || printableLine(occasion) !== occasion)
    throw new UsageError(
      `--occasion: write one line of at most ${maxLength} characters, such as failed-orders/2026-11-30`,
    );
  return occasion;
}
