import type { RunEvent } from '../agent/events.ts';

/** Exit codes of the command line; README documents them. */
export const exitCodes = {
  ok: 0,
  failed: 1,
  usage: 2,
  writeNotGranted: 3,
  budget: 4,
  /** EX_CONFIG of sysexits.h. */
  configuration: 78,
  /** 128 + SIGINT, as shells say it. */
  cancelled: 130,
} as const;

/** What was typed, or a file that was named, is wrong. The message says what would be right. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** A setting is missing or wrong. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
}

export function exitCodeOf(finished: Extract<RunEvent, { type: 'run-finished' }>): number {
  switch (finished.reason) {
    case 'cancelled':
      return exitCodes.cancelled;
    case 'budget':
      return exitCodes.budget;
    case 'denied':
      return exitCodes.writeNotGranted;
    case 'failed':
      return finished.code === 'not_configured' ? exitCodes.configuration : exitCodes.failed;
    case 'refused':
      return exitCodes.failed;
    case 'completed':
    case 'inconclusive':
      return finished.writeNotGranted ? exitCodes.writeNotGranted : exitCodes.ok;
  }
}
