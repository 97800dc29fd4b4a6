import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import { metaKeys, stopNotificationSchema } from '../../servers/contract/meta.ts';
import type { ForServer } from '../agent/server-question.ts';
import { showInvisible } from '../agent/untrusted-text.ts';
import type { Arguments, CallOptions, ToolFailure, ToolOutcome } from '../agent/tools.ts';
import { askTool, invalidParams } from './ask-tool.ts';
import { callMeta } from './call-meta.ts';
import { CallLimit, type CallTimes } from './call-limit.ts';
import { callResultSchema, failureOutcome, toOutcome } from './call-result.ts';
import { describeEnd, NotSentError, type Link, type LinkEnd } from './client/link.ts';
import { isRefusedRequest, type McpClient } from './client/mcp-client.ts';
import { explainRejected, signInHint } from './remote/remote-faults.ts';
import { Asked } from './server-requests.ts';
import type { ServerSpec } from './server-specs.ts';
import { createThrottle } from './throttle.ts';
import { changesSomething, describeListedTool, flawOfTools, resourceReader, type ListedTool } from './tool-specs.ts';

export interface ConnectionOptions extends CallTimes {
  readonly onLine: (line: string) => void;
  /** How long the process may take to answer `initialize` and `tools/list`. */
  readonly startMs: number;
  /** How long a health check may take. */
  readonly pingMs: number;
  readonly onToolsChanged: () => void;
}

/** What a server declares is not safe to work with. The message is for the user. */
export class RefusedServerError extends Error {
  override readonly name = 'RefusedServerError';
}

/** `lost`: the server went away before it responded, so the outcome is unknown. */
export type Answer =
  | { readonly kind: 'answered'; readonly outcome: ToolOutcome }
  | {
      readonly kind: 'lost';
      readonly reason: string;
      /** False only when the call certainly never reached the server. */
      readonly sent: boolean;
    };

// A JSON-RPC error code.
const methodNotFound = -32_601;
/** A server with an endless list must not block the host or fill the model's context with tools. */
const mostPages = 50;
const mostTools = 300;
const longestProgress = 300;
/** Progress of one third-party call. Messages above this rate count as activity but are not shown. */
const progressBurst = 20;
const progressPerSecond = 4;
/** An MCP error code: the user must open a web page first. */
const urlNeeded = -32_042;
/** Of MCP: the headers do not fit the tool as it is by now. Nothing was done. */
const headerMismatch = -32_020;

const nobody: ForServer = { ask: undefined, sample: undefined };

const toolPageSchema = z.object({
  tools: z.array(z.unknown()),
  nextCursor: z.string().optional(),
  _meta: z
    .object({ [metaKeys.caller]: z.string().optional() })
    .optional()
    .catch(undefined),
});
const longestCaller = 100;

/** One live MCP client and its link. Created by `openConnection` and never restarted: the supervisor creates a new one. */
export class Connection {
  readonly #spec: ServerSpec;
  readonly #client: McpClient;
  readonly #link: Link;
  readonly #options: ConnectionOptions;
  #tools: readonly ListedTool[] = [];
  #leftOut: readonly string[] = [];
  #caller: string | undefined;
  readonly #asked: Asked;
  #refreshing: Promise<void> = Promise.resolve();

  constructor(spec: ServerSpec, client: McpClient, link: Link, options: ConnectionOptions) {
    this.#spec = spec;
    this.#client = client;
    this.#link = link;
    this.#options = options;
    this.#asked = new Asked(spec);
    client.onRequests(this.#asked);
    client.onToolsChanged(() => this.#toolsChanged());
  }

  /** In the order of the server's first list. Later tools are appended, so that prompt caches stay valid. */
  get tools(): readonly ListedTool[] {
    return this.#tools;
  }

  /** Tools that are not offered: one line each, with the reason. */
  get leftOut(): readonly string[] {
    return this.#leftOut;
  }

  /** Who we are to one of our servers that runs elsewhere. */
  get caller(): string | undefined {
    return this.#caller;
  }

  get pid(): number | undefined {
    return this.#link.pid;
  }

  /** False as soon as the process is known to have exited. `exited` follows. */
  get running(): boolean {
    return this.#link.running;
  }

  /** Resolves when the process has exited for any reason. Never rejects. */
  get exited(): Promise<LinkEnd> {
    return this.#link.exited;
  }

  /** Resolves to the round-trip time in milliseconds, or undefined when there was no response in time. */
  async ping(): Promise<number | undefined> {
    const started = performance.now();
    try {
      await this.#client.ping(this.#options.pingMs);
      return performance.now() - started;
    } catch (error) {
      // "Method not found" is a response, too.
      const answered = isRefusedRequest(error) && error.code === methodNotFound;
      return answered ? performance.now() - started : undefined;
    }
  }

  /** Ends the process and everything it started. Calls in progress become `lost`. */
  close(): Promise<void> {
    return this.#link.close();
  }

  async refreshTools(signal: AbortSignal): Promise<void> {
    const listed = new Map<string, ListedTool>();
    const leftOut: string[] = [];
    let cursor: string | undefined;
    for (let page = 0; page < mostPages; page += 1) {
      const answer = await this.#client.request('tools/list', cursor === undefined ? {} : { cursor }, { signal });
      const { tools, nextCursor, _meta: meta } = toolPageSchema.parse(answer);
      const caller = meta?.[metaKeys.caller];
      if (this.#spec.trusted && caller !== undefined) this.#caller = showInvisible(caller).slice(0, longestCaller);
      for (const raw of tools) {
        const tool = describeListedTool(this.#spec, raw, this.#client.mirrorsArguments());
        if (typeof tool === 'string') leftOut.push(tool);
        else if (listed.has(tool.upstreamName)) leftOut.push(`'${tool.upstreamName}': listed twice`);
        else if (listed.size < mostTools) listed.set(tool.upstreamName, tool);
      }
      cursor = nextCursor;
      if (cursor === undefined || listed.size === mostTools) break;
    }
    if (cursor !== undefined || listed.size === mostTools) {
      leftOut.push(`all after the first ${listed.size}: the list is too long`);
    }
    for (const line of leftOut) this.#options.onLine(`[protocol] not offered: ${line}`);
    this.#leftOut = leftOut.map(showInvisible);
    if (!this.#spec.trusted && this.#client.hasResources()) {
      const reader = resourceReader(this.#spec);
      if (!listed.has(reader.upstreamName)) listed.set(reader.upstreamName, reader);
    }
    const flaw = flawOfTools(this.#spec, [...listed.values()]);
    this.#tools = flaw === undefined ? inKnownOrder(listed, this.#tools) : [];
    if (flaw !== undefined) throw new RefusedServerError(`${this.#spec.title} is not used: ${flaw}`);
  }

  #toolsChanged(): void {
    this.#refreshing = this.#refreshAfter(this.#refreshing);
  }

  /** One at a time, so that the last list wins. Never rejects. */
  async #refreshAfter(previous: Promise<void>): Promise<void> {
    await previous;
    try {
      await this.refreshTools(AbortSignal.timeout(this.#options.startMs));
      this.#options.onToolsChanged();
    } catch (error) {
      this.#options.onLine(`[protocol] the changed list of tools could not be read: ${String(error)}`);
    }
  }

  /**
   * Contract: never rejects. Cancellation and timeouts are passed on to the server. A cancelled write on one of our
   * servers still reports its outcome if it can do so soon.
   */
  async call(tool: ListedTool, input: Arguments, options: CallOptions): Promise<Answer> {
    const { title } = tool.spec;
    if (options.signal.aborted) {
      return answered({ code: 'cancelled', message: `${title} was cancelled before it was sent.`, retryable: false });
    }
    const id = randomUUID();
    const stop = changesSomething(tool, options) && tool.spec.trusted ? () => this.#stop(id) : undefined;
    const limit = new CallLimit({ ...this.#options, signal: options.signal, stop });
    const params = {
      name: tool.upstreamName,
      arguments: { ...input },
      ...(tool.spec.trusted && { _meta: callMeta(id, options) }),
    };
    const report = (message: string): void => options.onProgress?.({ message });
    const { forServer = nobody } = options;
    const end = this.#asked.begin({ forServer, limit, report });
    const mayReport = tool.spec.trusted ? () => true : createThrottle(progressBurst, progressPerSecond);
    try {
      const answer = await askTool(this.#client, tool, params, {
        signal: limit.signal,
        timeoutMs: this.#options.totalMs * 2, // our own limits tell the user which one was reached
        onProgress: ({ progress, total, message }) => {
          limit.touch();
          if (!mayReport()) return;
          options.onProgress?.({
            message: (message ?? '').slice(0, longestProgress),
            done: progress,
            ...(total !== undefined && { total }),
          });
        },
      });
      return { kind: 'answered', outcome: toOutcome(callResultSchema.parse(answer), this.#spec.trusted) };
    } catch (error) {
      if (limit.met !== undefined) return answered(limit.describe(title, changesSomething(tool, options)));
      if (isRefusedRequest(error) && error.code === urlNeeded) {
        return answered(pageNeeded(title, await this.#asked.visit(error.data, limit.signal)));
      }
      return await this.#explain(error, tool, options);
    } finally {
      end();
      limit.dispose();
    }
  }

  #stop(call: string): void {
    const method = stopNotificationSchema.shape.method.value;
    this.#client.notify(method, { call }).catch((error: unknown) => {
      this.#options.onLine(`[protocol] a call could not be stopped: ${String(error)}`);
    });
  }

  async #explain(error: unknown, tool: ListedTool, options: CallOptions): Promise<Answer> {
    const { title } = tool.spec;
    if (error instanceof NotSentError || this.#link.ended) {
      const exit = this.#link.running ? undefined : await this.#link.exited;
      const how = exit === undefined ? 'does not accept its input' : describeEnd(exit);
      return { kind: 'lost', reason: `${this.#spec.title} ${how}`, sent: !(error instanceof NotSentError) };
    }
    if (needsSignIn(error)) {
      return answered({
        code: 'unauthorized',
        message: `${this.#spec.title} requires a sign-in with more permissions.`,
        hint: signInHint,
        retryable: false,
      });
    }
    const rejected = explainRejected(title, error);
    if (rejected !== undefined) return answered(rejected);
    if (isRefusedRequest(error) && error.code === headerMismatch) {
      this.#toolsChanged();
      const message = `${title} was rejected: its arguments have changed on the server.`;
      return answered({ code: 'upstream_error', message, hint: 'Call it again.', retryable: true });
    }
    if (isRefusedRequest(error)) {
      const code = error.code === invalidParams ? 'invalid_arguments' : 'upstream_error';
      return answered({ code, message: `${title} was rejected: ${error.message}`, retryable: false });
    }
    if (error instanceof z.core.$ZodError) {
      const message = `${title} answered in a form that is not a tool result.`;
      const code = changesSomething(tool, options) ? 'outcome_unknown' : 'upstream_error';
      return answered({ code, message, retryable: false });
    }
    return { kind: 'lost', reason: `${this.#spec.title}: ${String(error)}`, sent: true };
  }
}

/** Compared by name, because the class is in more than one bundle and may be wrapped. */
function needsSignIn(error: unknown): boolean {
  return error instanceof Error && (error.name === 'SignInNeededError' || needsSignIn(error.cause));
}

function answered(failure: ToolFailure): Answer {
  return { kind: 'answered', outcome: failureOutcome(failure) };
}

function pageNeeded(title: string, visited: boolean): ToolFailure {
  const message = `${title} was not done: its server first needs the user to open a web page.`;
  return visited
    ? { code: 'upstream_error', message: `${message} The user opened it.`, hint: 'Call it again.', retryable: true }
    : { code: 'not_allowed', message: `${message} The user did not.`, retryable: false };
}

function inKnownOrder(tools: ReadonlyMap<string, ListedTool>, known: readonly ListedTool[]): readonly ListedTool[] {
  const kept = known.flatMap(({ upstreamName }) => tools.get(upstreamName) ?? []);
  return [...new Set([...kept, ...tools.values()])];
}
