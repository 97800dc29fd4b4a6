import { type ChildProcess, spawn } from 'node:child_process';

/**
 * A shell that does `script` when this process has ended, however it ended, a kill included: it reads from a pipe that we
 * never write to. To be killed when there is nothing left to do.
 */
export function startWatchdog(script: string, ...parameters: readonly string[]): ChildProcess {
  const watchdog = spawn('sh', ['-c', `read -r _; ${script}`, 'watchdog', ...parameters], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  watchdog.unref();
  return watchdog;
}
