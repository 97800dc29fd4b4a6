import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** JSON-RPC over the standard streams of a server, with nothing of an SDK in between to be measured along. */
export interface RawClient {
  readonly pid: number;
  readonly initialize: () => Promise<void>;
  /** @throws Error where the answer is an error, or the server ends first. */
  readonly request: (method: string, parameters: object) => Promise<Record<string, unknown>>;
  readonly notify: (method: string, parameters: object) => void;
  /** Id of the latest request, to cancel it by. */
  readonly lastId: () => number;
  /** Closes standard input and waits for the process to end. */
  readonly close: () => Promise<void>;
}

export interface ServerCommand {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

interface Answer {
  readonly id?: number;
  readonly result?: Record<string, unknown>;
  readonly error?: unknown;
}

export function startRawClient({ command, args, env }: ServerCommand): RawClient {
  const child = spawn(command, args, { env, stdio: ['pipe', 'pipe', 'ignore'] });
  const ended = once(child, 'close');
  const waiting = new Map<number, { resolve: (answer: Answer) => void; reject: (error: Error) => void }>();
  let last = 0;
  createInterface({ input: child.stdout }).on('line', (line) => {
    const answer = JSON.parse(line) as Answer;
    if (answer.id === undefined) return;
    waiting.get(answer.id)?.resolve(answer);
    waiting.delete(answer.id);
  });
  child.on('close', (code) => {
    for (const { reject } of waiting.values()) reject(new Error(`the server ended with ${code}`));
    waiting.clear();
  });
  const request: RawClient['request'] = async (method, parameters) => {
    last += 1;
    const id = last;
    const answer = await new Promise<Answer>((resolve, reject) => {
      waiting.set(id, { resolve, reject });
      send(child, { jsonrpc: '2.0', id, method, params: parameters });
    });
    if (answer.result === undefined) throw new Error(`${method}: ${JSON.stringify(answer.error)}`);
    return answer.result;
  };
  return {
    pid: child.pid ?? 0,
    request,
    notify: (method, parameters) => send(child, { jsonrpc: '2.0', method, params: parameters }),
    lastId: () => last,
    initialize: async () => {
      const clientInfo = { name: 'bench', version: '0' };
      await request('initialize', { protocolVersion: '2025-11-25', capabilities: {}, clientInfo });
      send(child, { jsonrpc: '2.0', method: 'notifications/initialized' });
    },
    close: async () => {
      child.stdin.end();
      await ended;
    },
  };
}

function send(child: ChildProcess, message: object): void {
  child.stdin?.write(`${JSON.stringify(message)}\n`);
}
