import type { OAuthClientProvider } from '@modelcontextprotocol/client';
import type { ClientIdentity } from '../client/mcp-client.ts';
import { RemoteLink, watchedFetch } from '../client/remote-link.ts';
import { Connection, type ConnectionOptions } from '../connection.ts';
import { establish, type Opened } from '../opened.ts';
import { explainOpening } from './remote-faults.ts';
import type { RemoteSpec } from '../server-specs.ts';

export interface RemoteOptions {
  /** Signs in to a server that requires it; undefined when nobody can. */
  readonly authFor?: ((spec: RemoteSpec) => Promise<OAuthClientProvider | undefined>) | undefined;
  readonly fetch?: typeof fetch | undefined;
}

/** Connects to a remote server. Contract: never rejects; on failure no connection is left open. */
export async function openRemote(
  spec: RemoteSpec,
  options: ConnectionOptions & ClientIdentity & RemoteOptions,
  signal: AbortSignal,
): Promise<Opened> {
  if (spec.flaw !== undefined) {
    return { kind: 'not-open', cause: 'settings', reason: `${spec.title}: ${spec.flaw}` };
  }
  const kinds = spec.transport === 'auto' ? (['http', 'sse'] as const) : [spec.transport];
  let opened: Opened = { kind: 'not-open', cause: 'start', reason: `${spec.title} was not tried` };
  for (const kind of kinds) {
    const tried = await openWith(kind, spec, options, signal);
    if (tried.kind === 'open') return tried;
    // The Streamable HTTP error says more than the fact that SSE does not work either.
    if (kind === kinds[0]) opened = tried;
    if (tried.cause !== 'start' && tried.cause !== 'away') return tried;
  }
  return opened;
}

async function openWith(
  kind: 'http' | 'sse',
  spec: RemoteSpec,
  options: ConnectionOptions & ClientIdentity & RemoteOptions,
  signal: AbortSignal,
): Promise<Opened> {
  // Loaded only for remote servers.
  const { createClientV2, createRemoteTransport, describeRemoteFault } = await import('../client/sdk-v2.ts');
  const given = Object.entries(spec.headers).find(([name]) => name.toLowerCase() === 'authorization')?.[1];
  const auth = given === undefined ? await options.authFor?.(spec) : undefined;
  const transport = createRemoteTransport(kind, {
    url: spec.url,
    headers: spec.headers,
    auth,
    fetch: watchedFetch(options.fetch ?? fetch, (reason) => link.lose(reason)),
  });
  const link = new RemoteLink(transport);
  const client = createClientV2(transport, options);
  client.onFault((message) => options.onLine(`[protocol] ${message}`));
  const connection = new Connection(spec, client, link, options);
  const close = (): Promise<void> =>
    link.close().catch((fault: unknown) => options.onLine(`[protocol] ${String(fault)}`));
  const tried = await establish({ client, connection, signal, startMs: options.startMs, close });
  if (tried.kind !== 'fault') return tried;
  const { error, isLate } = tried;
  if (isLate) {
    const reason = `${spec.title} did not respond within ${options.startMs / 1000} s`;
    return { kind: 'not-open', cause: 'away', reason };
  }
  return explainOpening(spec, {
    error,
    described: describeRemoteFault(error),
    token: given?.replace(/^Bearer +/iu, '') ?? (await auth?.tokens())?.access_token,
    tokenIs: given === undefined && spec.oauth?.grant !== 'client_credentials' ? 'signed-in' : 'given',
  });
}
