import { type ChildProcess, spawn } from 'node:child_process';

/**
 * A shell that runs `script` when this process has ended for any reason, including a kill: it reads from a pipe that we
 * never write to. Kill it when there is nothing left to clean up.
 */
export function startWatchdog(script: string, ...parameters: readonly string[]): ChildProcess {
  const watchdog = spawn('sh', ['-c', `read -r _; ${script}`, 'watchdog', ...parameters], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  watchdog.unref();
  return watchdog;
}
