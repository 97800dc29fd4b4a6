import type { RunEvent } from '../agent/events.ts';
import { exitCodes } from './exit-codes.ts';

/**
 * The exit code after a run. If several apply, the first one counts: cancelled, budget, write not
 * granted, configuration, failed. Undefined if the run stopped without an end event.
 */
export function exitCodeOf(end: Extract<RunEvent, { type: 'run-finished' }> | undefined): number {
  if (end === undefined) return exitCodes.failed;
  if (end.reason === 'cancelled') return exitCodes.cancelled;
  if (end.reason === 'budget') return exitCodes.budget;
  if (end.writeNotGranted || end.reason === 'denied') return exitCodes.writeNotGranted;
  if (end.reason === 'completed' || end.reason === 'inconclusive') return exitCodes.ok;
  return end.code === 'not_configured' ? exitCodes.configuration : exitCodes.failed;
}
