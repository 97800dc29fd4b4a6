import type { RunEvent } from '../agent/events.ts';
import { exitCodes } from './exit-codes.ts';

/** What the command line ends with after a run. Undefined: the run was broken off without an end. */
export function exitCodeOf(end: Extract<RunEvent, { type: 'run-finished' }> | undefined): number {
  if (end === undefined) return exitCodes.failed;
  if (end.reason === 'cancelled') return exitCodes.cancelled;
  if (end.writeNotGranted) return exitCodes.writeNotGranted;
  switch (end.reason) {
    case 'completed':
    case 'inconclusive':
      return exitCodes.ok;
    case 'denied':
      return exitCodes.writeNotGranted;
    case 'budget':
      return exitCodes.budget;
    case 'refused':
      return exitCodes.failed;
    case 'failed':
      return end.code === 'not_configured' ? exitCodes.configuration : exitCodes.failed;
  }
}
