import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import { JSONRPCMessageSchema, type JSONRPCMessage } from '@modelcontextprotocol/sdk/types.js';
import { NotSentError, type Link, type LinkEnd } from './client/link.ts';
import { createLineReader } from './line-reader.ts';
import type { ChildRegister } from './orphans.ts';

export interface ChildCommand {
  readonly command: string;
  readonly args: readonly string[];
  /** The whole environment: nothing of the host's is added. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd?: string | undefined;
}

export interface ChildTransportOptions {
  /** Each line of the child's stderr, and what it wrongly wrote to stdout. */
  readonly onLine: (line: string) => void;
  /** A longer frame ends the connection: the host must not be filled up by one answer. */
  readonly maxFrameBytes?: number;
  /** Where it is kept that the child runs, for a host that crashes. */
  readonly register?: ChildRegister | undefined;
  /** How long the child may take to end after its stdin has ended; then SIGTERM. */
  readonly endMs: number;
  /** How long it may take to end after SIGTERM; then SIGKILL. */
  readonly termMs?: number;
}

const defaultMaxFrameBytes = 10 * 1024 * 1024;
const longestLogLine = 8 * 1024;
/** After the exit: how long output still on its way may take. A grandchild may hold the pipe open for ever. */
const drainMs = 200;

const livePids = new Set<number>();
let watchingHostExit = false;

/** A host that ends without `close` must not leave a third-party server that ignores the end of its stdin. */
function endWithHost(pid: number): void {
  livePids.add(pid);
  if (watchingHostExit) return;
  watchingHostExit = true;
  process.on('exit', () => {
    for (const live of livePids) signalGroup(live, 'SIGTERM');
  });
}

/** Signals a child and all that it started. On Windows there are no groups: the child alone. */
function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(process.platform === 'win32' ? pid : -pid, signal);
  } catch (error) {
    // macOS says EPERM of a group whose last process has ended and has not been waited for.
    const gone = error instanceof Error && 'code' in error && (error.code === 'ESRCH' || error.code === 'EPERM');
    if (!gone) throw error;
  }
}

function parseFrame(line: string): JSONRPCMessage | undefined {
  try {
    return JSONRPCMessageSchema.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}

/**
 * MCP over the stdin and stdout of a process of our own. What the SDK's own transport lacks: an environment built from
 * nothing, the whole process group ended, frames delivered in order (its client drops progress that arrives in one chunk
 * with the result), a bounded frame, and an exit that is noticed even while a grandchild holds the pipes.
 */
export class ChildTransport implements Transport, Link {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: NonNullable<Transport['onmessage']>;

  readonly #command: ChildCommand;
  readonly #options: ChildTransportOptions;
  readonly #exit: Promise<LinkEnd>;
  #reportExit: (exit: LinkEnd) => void = () => {};
  #child: ChildProcess | undefined;
  #delivery = Promise.resolve();
  #violation: string | undefined;
  #closing: Promise<void> | undefined;
  #ended = false;
  #forget = (): void => {};

  constructor(command: ChildCommand, options: ChildTransportOptions) {
    this.#command = command;
    this.#options = options;
    this.#exit = new Promise((resolve) => {
      this.#reportExit = (exit) => {
        this.#ended = true;
        resolve(exit);
      };
    });
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** False as soon as the end is known; what the child has said may still be on its way. */
  get running(): boolean {
    return this.#child?.pid !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** True once `exited` has resolved. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Resolves once the child has ended and all that it said has been delivered. Never rejects. */
  get exited(): Promise<LinkEnd> {
    return this.#exit;
  }

  /** @throws when the command cannot be started, with the reason of the operating system. */
  async start(): Promise<void> {
    const { command, args, env, cwd } = this.#command;
    const mark = this.#options.register?.mark();
    const child = spawn(command, [...args], {
      env: { ...env, ...mark?.environment },
      ...(cwd !== undefined && { cwd }),
      stdio: ['pipe', 'pipe', 'pipe'],
      // Of its own group, so that it can be ended with all it started; Ctrl-C on the host's terminal reaches the host alone.
      detached: process.platform !== 'win32',
      windowsHide: true,
    });
    this.#child = child;
    child.on('error', (error) => {
      if (child.pid === undefined) this.#reportExit({ code: null, signal: null, violation: undefined });
      else this.onerror?.(error);
    });
    child.stdin.on('error', (error) => this.onerror?.(error));
    if (mark !== undefined && child.pid !== undefined) this.#forget = mark.started(child.pid);
    child.once('exit', (code, signal) => void this.#settle(child, code, signal));
    this.#readStdout(child);
    const log = createLineReader(longestLogLine, { onLine: this.#options.onLine, onOverflow: 'cut' });
    child.stderr.on('data', log.push);
    child.stderr.on('end', log.end);
    await once(child, 'spawn');
    if (child.pid !== undefined) endWithHost(child.pid);
  }

  #readStdout(child: ChildProcess): void {
    const maxFrameBytes = this.#options.maxFrameBytes ?? defaultMaxFrameBytes;
    const frames = createLineReader(maxFrameBytes, {
      onLine: (line) => this.#receive(line),
      onOverflow: () => this.#breakOff(`sent a message of more than ${maxFrameBytes} bytes`),
    });
    child.stdout?.on('data', frames.push);
    child.stdout?.on('error', (error) => this.onerror?.(error));
  }

  #receive(line: string): void {
    if (line.trim() === '') return;
    const message = parseFrame(line);
    if (message === undefined) {
      this.#options.onLine(`[not a protocol message, on stdout] ${line.slice(0, longestLogLine)}`);
      return;
    }
    // One message a microtask turn: the SDK handles notifications a turn later than results.
    this.#delivery = this.#delivery.then(() => this.#deliver(message));
  }

  #deliver(message: JSONRPCMessage): void {
    try {
      this.onmessage?.(message);
    } catch (error) {
      this.onerror?.(error instanceof Error ? error : new Error(String(error)));
    }
  }

  #breakOff(violation: string): void {
    this.#violation ??= violation;
    if (this.pid !== undefined) signalGroup(this.pid, 'SIGKILL');
  }

  async #settle(child: ChildProcess, code: number | null, signal: NodeJS.Signals | null): Promise<void> {
    if (child.pid !== undefined) {
      signalGroup(child.pid, 'SIGKILL'); // whatever it started and left behind
      livePids.delete(child.pid);
      this.#forget();
    }
    await Promise.race([Promise.all([ended(child.stdout), ended(child.stderr)]), delay(drainMs)]);
    for (const stream of [child.stdin, child.stdout, child.stderr]) stream?.destroy();
    await this.#delivery;
    this.#reportExit({ code, signal, violation: this.#violation });
    this.onclose?.();
  }

  /** Resolves when the bytes are with the operating system. @throws NotSentError when nobody is there to read them. */
  send(message: JSONRPCMessage): Promise<void> {
    const stdin = this.#child?.stdin;
    if (stdin?.writable !== true || !this.running) return Promise.reject(new NotSentError('it is not running'));
    return new Promise((resolve, reject) => {
      stdin.write(`${JSON.stringify(message)}\n`, (error) => {
        if (error instanceof Error) reject(new NotSentError(error.message, { cause: error }));
        else resolve();
      });
    });
  }

  /** Ends stdin, then SIGTERM, then SIGKILL, to the whole group; resolves when nothing of it is left. */
  close(): Promise<void> {
    return (this.#closing ??= this.#close());
  }

  async #close(): Promise<void> {
    const child = this.#child;
    if (child?.pid === undefined) return;
    child.stdin?.end();
    if (await this.#exitsWithin(this.#options.endMs)) return;
    signalGroup(child.pid, 'SIGTERM');
    if (await this.#exitsWithin(this.#options.termMs ?? 500)) return;
    signalGroup(child.pid, 'SIGKILL');
    await this.#exit;
  }

  async #exitsWithin(milliseconds: number): Promise<boolean> {
    const waiting = new AbortController();
    const late = delay(milliseconds, false, { signal: waiting.signal }).catch(() => false);
    const inTime = await Promise.race([this.#exit.then(() => true), late]);
    waiting.abort();
    return inTime;
  }
}

function ended(stream: NodeJS.ReadableStream | null): Promise<void> {
  return new Promise((resolve) => {
    if (stream === null || !stream.readable) resolve();
    else stream.once('end', resolve).once('close', resolve);
  });
}
