import { probeModel, probeServer, type Probe } from '../../mcp/probe.ts';
import type { LiveEngine } from '../engine/engine.ts';
import { inSetUpWords } from './variable-labels.ts';
import type { System } from './connection-definitions.ts';

export type ProbeResult =
  | { readonly kind: 'connected'; readonly message: string }
  | {
      readonly kind: 'failed';
      readonly message: string;
      readonly hint: string | undefined;
      /** The server runs elsewhere, and the user has to sign in there. */
      readonly needsSignIn?: boolean;
    }
  | { readonly kind: 'not-connected' };

const limitMs = 30_000;

/** Tests one connection against the real system. Never rejects. */
export async function probe(system: System, live: LiveEngine, cancelled: AbortSignal): Promise<ProbeResult> {
  const { settings, secrets, engine } = live;
  const signal = AbortSignal.any([cancelled, AbortSignal.timeout(limitMs)]);
  if (system.id === 'claude') {
    if (!live.hasModel) return { kind: 'not-connected' };
    return explain(system, await probeModel(engine.model, signal), engine.model.id);
  }
  if (!system.isConnected(settings, secrets)) return { kind: 'not-connected' };
  const found = await probeServer(engine.hub, system.id, signal, system.places(settings));
  const view = engine.hub.states().find(({ id }) => id === system.id);
  const needsSignIn = view?.place !== undefined && view.state.status === 'failed' && view.state.code === 'unauthorized';
  const explained = explain(system, found, system.describe(settings));
  // The button says the rest.
  return needsSignIn && explained.kind === 'failed' ? { ...explained, hint: undefined, needsSignIn } : explained;
}

function explain({ title }: System, found: Probe, connectedTo: string): ProbeResult {
  if (found.kind === 'connected') return { kind: 'connected', message: connectedTo };
  // The notification already names the system.
  const message = found.message.startsWith(`${title}: `) ? found.message.slice(title.length + 2) : found.message;
  const hint = found.hint === undefined ? undefined : inSetUpWords(found.hint);
  return { kind: 'failed', message: inSetUpWords(message), hint };
}

/** The failure in one or two sentences. */
export function sentence({ message, hint }: Extract<ProbeResult, { kind: 'failed' }>): string {
  const said = /[.!?]$/u.test(message) ? message : `${message}.`;
  return hint === undefined ? said : `${said} ${hint}`;
}
