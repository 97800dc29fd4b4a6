import { setTimeout as delay } from 'node:timers/promises';
import type { ToolPins } from '../agent/policy/tool-pins.ts';
import type { Arguments, CallOptions, ToolOutcome, ToolSource, ToolSpec } from '../agent/tools.ts';
import { failureOutcome } from './call-result.ts';
import { acceptTool, pinTools } from './pinned-tools.ts';
import { createRingLog, type RingLog } from './ring-log.ts';
import type { OpeningOptions } from './open-connection.ts';
import { hostOf, signInHint } from './remote/remote-faults.ts';
import type { Confinement, ServerLimits, ServerSpec } from './server-specs.ts';
import { defaultTimings, withLimits, type ServerState, type SupervisorTimings } from './server-state.ts';
import { Supervisor } from './supervisor.ts';
import type { ListedTool } from './tool-specs.ts';

export interface HubOptions {
  /** Our version, sent to the servers. */
  readonly version: string;
  /** In the order their tools are listed. Ids are unique. */
  readonly servers: readonly ServerSpec[];
  /** Full names (`postgres__explain_query`) of tools that are neither listed nor callable. */
  readonly disabledTools?: readonly string[];
  /** Third-party tool definitions as first seen. Without pins, tools are accepted as they are. */
  readonly pins?: ToolPins;
  /** Masks secrets in servers' stderr before it is stored. */
  readonly redact?: (text: string) => string;
  /** Receives each redacted line of a server's stderr. */
  readonly onLine?: (server: string, line: string) => void;
  readonly timings?: Partial<SupervisorTimings>;
  /** For third-party servers whose file sets no time limits. */
  readonly thirdPartyLimits?: ServerLimits;
  /** How long `list` waits for a third-party server to start. By default, its full start limit. */
  readonly patienceMs?: number;
  /** Folders that servers may know about. */
  readonly roots?: OpeningOptions['roots'];
  /** Third-party servers are told that they may ask the model. */
  readonly allowSampling?: boolean;
  /** Records which processes are running. */
  readonly register?: OpeningOptions['register'];
  readonly authFor?: OpeningOptions['authFor'];
  readonly fetch?: OpeningOptions['fetch'];
}

export interface ServerView {
  readonly id: string;
  readonly title: string;
  readonly trusted: boolean;
  /** Host of a remote server; undefined for a process of ours. */
  readonly place: string | undefined;
  /** Whether Node restricts the process of one of our servers. */
  readonly confinement: Confinement | undefined;
  readonly state: ServerState;
}

interface Entry {
  readonly supervisor: Supervisor;
  readonly log: RingLog;
  /** Why a running server offers nothing: its pins cannot be read or saved. */
  fault?: string | undefined;
}

/** "runs at mcp.example.com as anna@example.com"; undefined for a process of ours. */
export function describePlace({ place, state }: Pick<ServerView, 'place' | 'state'>): string | undefined {
  if (place === undefined) return undefined;
  const caller = state.status === 'ready' ? state.caller : undefined;
  return `runs at ${place}${caller === undefined ? '' : ` as ${caller}`}`;
}

/**
 * Several servers as one source of tools. Servers start in parallel when tools are first listed or called. One that
 * fails to start has no tools and a state that says why; the others keep working.
 */
export class Hub implements ToolSource {
  readonly #options: HubOptions;
  readonly #listeners = new Set<(view: ServerView) => void>();
  readonly #entries: ReadonlyMap<string, Entry>;
  readonly #disabled: ReadonlySet<string>;

  constructor(options: HubOptions) {
    this.#options = options;
    this.#disabled = new Set(options.disabledTools);
    this.#entries = new Map(options.servers.map((spec) => [spec.id, this.#supervise(spec)]));
  }

  /**
   * Every enabled tool of every running server, in a stable order. Resolves when all have started or failed. It waits
   * at most `patienceMs` for a slow third-party server, whose tools then appear in a later `listNow`.
   */
  readonly list = async (signal: AbortSignal): Promise<readonly ToolSpec[]> => {
    const entries = [...this.#entries.values()];
    const lists = await Promise.all(entries.map((entry) => this.#toolsSoon(entry, signal)));
    return this.#enabled(lists);
  };

  readonly listNow = async (signal: AbortSignal): Promise<readonly ToolSpec[]> => {
    const ready = [...this.#entries.values()].filter(({ supervisor }) => supervisor.toolsNow.length > 0);
    return this.#enabled(await Promise.all(ready.map((entry) => this.#tools(entry, signal))));
  };

  /** Like `list`, including disabled tools, for the view where the user turns them on and off. */
  async listAll(signal: AbortSignal): Promise<readonly ToolSpec[]> {
    const entries = [...this.#entries.values()];
    const lists = await Promise.all(entries.map((entry) => this.#tools(entry, signal)));
    return lists.flat().map(({ spec }) => spec);
  }

  readonly call = async (name: string, input: Arguments, options: CallOptions): Promise<ToolOutcome> => {
    if (!this.#disabled.has(name)) return this.callAny(name, input, options);
    return failureOutcome({ code: 'not_allowed', message: `The tool '${name}' is turned off.`, retryable: false });
  };

  /** Like `call`, but also for tools that are turned off for the agent, so that the user can test a connection. */
  readonly callAny = async (name: string, input: Arguments, options: CallOptions): Promise<ToolOutcome> => {
    const entry = this.#entries.get(name.slice(0, Math.max(0, name.indexOf('__'))));
    if (entry === undefined) return this.#noSuchTool(name, []);
    const { supervisor } = entry;
    const tools = await this.#tools(entry, options.signal);
    const tool = tools.find(({ spec }) => spec.name === name);
    if (tool?.spec.change?.kind === 'changed') return changedMeanwhile(tool.spec);
    if (tool !== undefined) return supervisor.call(tool, input, options);
    if (options.signal.aborted) {
      return failureOutcome({ code: 'cancelled', message: 'Cancelled before the call was sent.', retryable: false });
    }
    const { state } = viewOf(entry);
    if (state.status === 'failed') {
      const hint = state.code === 'unauthorized' ? signInHint : undefined;
      return failureOutcome({ code: state.code, message: state.reason, hint, retryable: false });
    }
    return this.#noSuchTool(name, tools);
  };

  /** The user has reviewed the tool's change and accepts it. Until then it is not called. */
  readonly acceptChange = async (seen: ToolSpec, signal: AbortSignal): Promise<void> => {
    const { pins } = this.#options;
    const supervisor = this.#entries.get(seen.server)?.supervisor;
    const tools = (await supervisor?.tools(signal)) ?? [];
    const tool = tools.find(({ spec }) => spec.name === seen.name);
    if (supervisor !== undefined && tool !== undefined && pins !== undefined) {
      await acceptTool(supervisor.spec, tool, seen, pins);
    }
  };

  /** The current state of every server, in order. */
  states(): readonly ServerView[] {
    return [...this.#entries.values()].map(viewOf);
  }

  /** @returns a function that removes the listener. */
  onState(listener: (view: ServerView) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The last lines a server wrote to stderr, redacted; empty for an unknown server. */
  log(server: string): readonly string[] {
    return this.#entries.get(server)?.log.lines() ?? [];
  }

  /** Resolves when the server is ready or has failed. `states` says which. */
  async restart(server: string): Promise<void> {
    await this.#entries.get(server)?.supervisor.restart();
  }

  /** Resolves when no server process is left. */
  async dispose(): Promise<void> {
    await Promise.all([...this.#entries.values()].map(({ supervisor }) => supervisor.dispose()));
  }

  #enabled(lists: readonly (readonly ListedTool[])[]): readonly ToolSpec[] {
    return lists
      .flat()
      .map(({ spec }) => spec)
      .filter(({ name }) => !this.#disabled.has(name));
  }

  async #toolsSoon(entry: Entry, signal: AbortSignal): Promise<readonly ListedTool[]> {
    const tools = this.#tools(entry, signal);
    const { patienceMs } = this.#options;
    if (entry.supervisor.spec.trusted || patienceMs === undefined) return tools;
    const waiting = new AbortController();
    const late = delay(patienceMs, [], { signal: waiting.signal }).catch(() => []);
    try {
      return await Promise.race([tools, late]);
    } finally {
      waiting.abort();
    }
  }

  /** Also empty when a third party's pinned tools cannot be read; `states` says why. Never rejects. */
  async #tools(entry: Entry, signal: AbortSignal): Promise<readonly ListedTool[]> {
    const { supervisor } = entry;
    const tools = await supervisor.tools(signal);
    const { pins } = this.#options;
    if (pins === undefined) return tools;
    try {
      const pinned = await pinTools(supervisor.spec, tools, pins);
      this.#note(entry, undefined);
      return pinned;
    } catch (error) {
      this.#note(entry, error instanceof Error ? error.message : String(error));
      return [];
    }
  }

  #note(entry: Entry, fault: string | undefined): void {
    if (entry.fault === fault) return;
    entry.fault = fault;
    this.#report(entry.supervisor);
  }

  #supervise(spec: ServerSpec): Entry {
    const log = createRingLog();
    const { redact = (text: string) => text, onLine, timings, version, roots, authFor, fetch } = this.#options;
    const { allowSampling = false, register } = this.#options;
    const limits = spec.trusted ? {} : { ...this.#options.thirdPartyLimits, ...spec.limits };
    const supervisor: Supervisor = new Supervisor(spec, {
      opening: {
        version,
        ...(!spec.trusted && { roots, mayAsk: true, maySample: allowSampling }),
        authFor,
        fetch,
        register,
      },
      timings: withLimits({ ...defaultTimings, ...timings }, limits),
      onLine: (line) => {
        const safe = redact(line);
        log.add(safe);
        onLine?.(spec.id, safe);
      },
      onState: () => this.#report(supervisor),
    });
    return { supervisor, log };
  }

  #report(supervisor: Supervisor): void {
    const entry = this.#entries.get(supervisor.spec.id);
    if (entry === undefined) return;
    for (const listener of this.#listeners) listener(viewOf(entry));
  }

  #noSuchTool(name: string, tools: readonly ListedTool[]): ToolOutcome {
    const offered = tools.map(({ spec }) => spec.name).filter((tool) => !this.#disabled.has(tool));
    const servers = [...this.#entries.keys()];
    return failureOutcome({
      code: 'not_found',
      message: `Tool '${name}' does not exist.`,
      hint: offered.length > 0 ? `Tools: ${offered.join(', ')}.` : `Servers: ${servers.join(', ')}.`,
      retryable: false,
    });
  }
}

function changedMeanwhile({ server, plainName }: ToolSpec): ToolOutcome {
  return failureOutcome({
    code: 'not_allowed',
    message: `${server} has changed the definition of ${plainName}, and nobody has reviewed the change. It was not called.`,
    hint: 'Continue without it and say so. The next run shows the change and asks the user.',
    retryable: false,
  });
}

function viewOf({ supervisor, fault }: Entry): ServerView {
  const { spec } = supervisor;
  const state: ServerState =
    fault === undefined
      ? supervisor.state
      : { status: 'failed', code: 'unreachable', reason: `${spec.title} is not used: ${fault}` };
  const place = spec.kind === 'remote' ? hostOf(spec) : undefined;
  const confinement = spec.kind === 'child' ? spec.confinement : undefined;
  return { id: spec.id, title: spec.title, trusted: spec.trusted, place, confinement, state };
}
