import process from 'node:process';
import { exitCodes } from './exit-codes.ts';

/** The first signal ends the run cleanly. A second one does not wait. */
export function cancelOnSignals(cancel: AbortController): () => void {
  const onSignal = (): void => {
    if (cancel.signal.aborted) process.exit(exitCodes.cancelled);
    cancel.abort();
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, onSignal);
  // The reader is gone, as after `| head`, so nothing more should be done unseen. Also covers late writes.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => cancel.abort());
  return () => {
    for (const signal of signals) process.off(signal, onSignal);
  };
}
