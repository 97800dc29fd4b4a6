import { spawn } from 'node:child_process';
import process from 'node:process';
import { exitCodes } from '../exit-codes.ts';

/**
 * Runs a server's bundle in place of this process.
 * @param http HOST:PORT to listen on, instead of stdin and stdout.
 * @returns its exit code.
 */
export function serve(bundle: string, http: string | undefined): Promise<number> {
  const child = spawn(process.execPath, [bundle, ...(http === undefined ? [] : ['--http', http])], {
    stdio: 'inherit',
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code) => resolve(code ?? exitCodes.failed));
  });
}
