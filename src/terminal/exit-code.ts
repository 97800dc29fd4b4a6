import type { RunEvent } from '../agent/events.ts';

type RunFinished = Extract<RunEvent, { type: 'run-finished' }>;

/** What the command line ends with after a run. Undefined: the run was broken off without an end. */
export function exitCodeOf(end: RunFinished | undefined): number {
  if (end === undefined) return 1;
  if (end.reason === 'cancelled') return 130;
  if (end.writeNotGranted) return 3;
  switch (end.reason) {
    case 'completed':
    case 'inconclusive':
      return 0;
    case 'denied':
      return 3;
    case 'budget':
      return 4;
    case 'refused':
      return 1;
    case 'failed':
      return end.code === 'not_configured' ? 78 : 1;
  }
}
