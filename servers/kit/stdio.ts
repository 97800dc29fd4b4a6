import { Console } from 'node:console';
import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import type { Log } from './log.ts';
import type { Protocol } from './protocol.ts';

const maxFrameSize = 4 * 1024 * 1024;
const parentPollMs = 2000;

/** Serves one client over stdin and stdout. */
export async function serveStdio<Connection>(
  protocol: Protocol<Connection>,
  connection: Connection,
  log: Log,
  onEnd: () => void,
): Promise<void> {
  const { info, capabilities, instructions } = protocol;
  const server = new Server(info, { capabilities, instructions });
  server.onerror = (error) => log('warn', 'protocol error', { error: error.message });
  server.fallbackRequestHandler = ({ method, params }, { signal, sendNotification }) =>
    protocol.answer(method, params, {
      connection,
      caller: undefined,
      signal,
      notify: (name, values) => sendNotification({ method: name, params: values }),
    });
  server.fallbackNotificationHandler = async (notification) => protocol.stop(notification, undefined);
  await server.connect(new StdioServerTransport(process.stdin, process.stdout, { maxBufferSize: maxFrameSize }));
  server.onclose = onEnd;
}

/** A library that logs with console.log would break the framing. */
export function keepStdoutForFrames(): void {
  globalThis.console = new Console(process.stderr, process.stderr);
}

/** A host's server ends with the host. */
export function watchTheHost(stop: (code: number, reason: string) => void): void {
  process.stdin.on('end', () => stop(0, 'stdin ended'));
  process.stdin.on('close', () => stop(0, 'stdin closed'));
  process.stdout.on('error', () => stop(0, 'stdout is gone'));
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) stop(0, 'the parent process is gone');
  }, parentPollMs).unref();
}
