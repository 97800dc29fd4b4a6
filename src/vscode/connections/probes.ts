import { type Disposable, EventEmitter } from 'vscode';
import type { RunEvent } from '../../agent/events.ts';
import type { LiveEngine } from '../engine/engine.ts';
import { systems, type System } from './connection-definitions.ts';
import { probe, type ProbeResult } from './test-connection.ts';

/** Failures of a call that are failures of the connection. */
const ofConnection = ['unauthorized', 'unreachable', 'not_configured'];

interface Known {
  readonly results: Map<string, ProbeResult>;
  readonly running: Map<string, Promise<ProbeResult>>;
}

/**
 * What is known about each connection of an engine from having used it. A server that has started has not reached its
 * system yet: with a wrong password it starts just as well.
 */
export class Probes implements Disposable {
  readonly #known = new WeakMap<LiveEngine, Known>();
  readonly #changed = new EventEmitter<void>();
  readonly onChanged = this.#changed.event;
  /** The server of each call that has not finished. */
  readonly #calls = new Map<string, string>();

  /** Undefined until the connection has been tested. */
  resultOf(live: LiveEngine, system: string): ProbeResult | undefined {
    return this.#of(live).results.get(system);
  }

  /** Tests the connection. Joins a test that is running. Never rejects. */
  test(live: LiveEngine, system: System, signal: AbortSignal): Promise<ProbeResult> {
    const { running } = this.#of(live);
    const joined = running.get(system.id);
    if (joined !== undefined) return joined;
    const testing = probe(system, live, signal).then((result) => {
      running.delete(system.id);
      this.#set(live, system.id, result);
      return result;
    });
    running.set(system.id, testing);
    return testing;
  }

  /** Tests all systems in parallel. */
  testAll(live: LiveEngine, signal: AbortSignal): Promise<readonly (readonly [System, ProbeResult])[]> {
    return Promise.all(systems.map(async (system) => [system, await this.test(live, system, signal)] as const));
  }

  /** Tests the servers that have started. The model is not among them, because every answer costs money. */
  async testServers(live: LiveEngine, signal: AbortSignal): Promise<void> {
    const ready = new Set(live.engine.hub.states().flatMap(({ id, state }) => (state.status === 'ready' ? [id] : [])));
    const isNew = ({ id }: System): boolean => ready.has(id) && this.resultOf(live, id) === undefined;
    await Promise.all(systems.filter(isNew).map((system) => this.test(live, system, signal)));
  }

  /** Learns from what a run does: a call that succeeds has reached its system, and a turn has reached the model. */
  observe(live: LiveEngine, event: RunEvent): void {
    if (event.type === 'tool-call-proposed') this.#calls.set(event.callId, event.server);
    else if (event.type === 'usage-changed') this.#reached(live, 'claude');
    else if (event.type === 'run-finished') this.#calls.clear();
    else if (event.type === 'tool-call-finished') {
      const server = this.#calls.get(event.callId);
      if (server === undefined || !systems.some(({ id }) => id === server)) return;
      const { failure } = event;
      if (event.outcome === 'ok') this.#reached(live, server);
      else if (failure !== undefined && ofConnection.includes(failure.code))
        this.#set(live, server, { kind: 'failed', message: failure.message, hint: failure.hint });
    }
  }

  dispose(): void {
    this.#changed.dispose();
  }

  #reached(live: LiveEngine, system: string): void {
    if (this.resultOf(live, system)?.kind !== 'connected') this.#set(live, system, { kind: 'connected', message: '' });
  }

  #set(live: LiveEngine, system: string, result: ProbeResult): void {
    this.#of(live).results.set(system, result);
    this.#changed.fire();
  }

  #of(live: LiveEngine): Known {
    const known = this.#known.get(live) ?? { results: new Map(), running: new Map() };
    this.#known.set(live, known);
    return known;
  }
}
