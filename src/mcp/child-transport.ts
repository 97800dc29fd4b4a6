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
  /** The complete environment. Nothing is inherited from the host. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd?: string | undefined;
}

export interface ChildTransportOptions {
  /** Receives each line of the child's stderr, and anything it wrote to stdout that is not a message. */
  readonly onLine: (line: string) => void;
  /** A longer frame ends the connection, so that one response cannot exhaust the host's memory. */
  readonly maxFrameBytes?: number;
  /** Records that the child is running, in case the host crashes. */
  readonly register?: ChildRegister | undefined;
  /** How long the child may take to exit after stdin is closed. Then SIGTERM. */
  readonly endMs: number;
  /** How long it may take to exit after SIGTERM. Then SIGKILL. */
  readonly termMs?: number;
}

const defaultMaxFrameBytes = 10 * 1024 * 1024;
const longestLogLine = 8 * 1024;
/** How long to wait for pending output after the exit. A grandchild may keep the pipe open indefinitely. */
const drainMs = 200;

const livePids = new Set<number>();
let watchingHostExit = false;

/** If the host exits without `close`, a third-party server that ignores the end of stdin must not be left behind. */
function endWithHost(pid: number): void {
  livePids.add(pid);
  if (watchingHostExit) return;
  watchingHostExit = true;
  process.on('exit', () => {
    for (const live of livePids) signalGroup(live, 'SIGTERM');
  });
}

/** Signals a child and every process it started. On Windows, which has no process groups, only the child. */
function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(process.platform === 'win32' ? pid : -pid, signal);
  } catch (error) {
    // macOS reports EPERM for a group whose last process has exited but has not been reaped.
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
 * MCP over stdin and stdout of a child process. Unlike the SDK's transport, it starts from an empty environment, ends
 * the whole process group, delivers frames in order (the SDK's client drops progress that arrives in the same chunk as
 * the result), limits the frame size, and notices an exit even while a grandchild keeps the pipes open.
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

  /** False as soon as the exit is known. Output from the child may still be pending. */
  get running(): boolean {
    return this.#child?.pid !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** True once `exited` has resolved. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Resolves once the child has exited and all its output has been delivered. Never rejects. */
  get exited(): Promise<LinkEnd> {
    return this.#exit;
  }

  /** @throws when the command cannot be started, with the operating system's reason. */
  async start(): Promise<void> {
    const { command, args, env, cwd } = this.#command;
    const mark = this.#options.register?.mark();
    const child = spawn(command, [...args], {
      env: { ...env, ...mark?.environment },
      ...(cwd !== undefined && { cwd }),
      stdio: ['pipe', 'pipe', 'pipe'],
      // In its own process group, so that it can be ended with everything it started, and Ctrl-C in the terminal
      // reaches only the host.
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
    // One message per microtask turn, because the SDK handles notifications one turn later than results.
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
      signalGroup(child.pid, 'SIGKILL'); // anything it started and left behind
      livePids.delete(child.pid);
      this.#forget();
    }
    await Promise.race([Promise.all([ended(child.stdout), ended(child.stderr)]), delay(drainMs)]);
    for (const stream of [child.stdin, child.stdout, child.stderr]) stream?.destroy();
    await this.#delivery;
    this.#reportExit({ code, signal, violation: this.#violation });
    this.onclose?.();
  }

  /** Resolves once the operating system has the bytes. @throws NotSentError when the child has exited. */
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

  /** Closes stdin, then sends SIGTERM and SIGKILL to the whole group. Resolves when no process of it is left. */
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
