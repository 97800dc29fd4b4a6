import { randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { RemoteSpec } from '../server-specs.ts';
import type { CredentialStore } from './credential-store.ts';
import { StoredOAuth, wantedScopes } from './stored-oauth.ts';

export interface SignInOptions {
  readonly store: CredentialStore;
  readonly version: string;
  /** Shows the authorization server's page to the user. */
  readonly openBrowser: (url: URL) => Promise<void>;
  readonly signal: AbortSignal;
  readonly fetch?: typeof fetch | undefined;
}

export type SignedIn =
  | { readonly kind: 'signed-in' }
  /** The server works without credentials. */
  | { readonly kind: 'not-needed' }
  | { readonly kind: 'failed'; readonly reason: string };

/**
 * Signs the user in to a remote server: RFC 9728 discovery, authorization code with PKCE, and a redirect to a local
 * port (RFC 8252). Saves the tokens in the store. Contract: never rejects.
 */
export async function signIn(spec: RemoteSpec, options: SignInOptions): Promise<SignedIn> {
  if (spec.flaw !== undefined) return { kind: 'failed', reason: spec.flaw };
  const state = randomBytes(24).toString('base64url');
  const callback = await listenForCallback(state, spec.oauth?.callbackPort ?? 0);
  try {
    const { boundTo, createClientV2, createRemoteTransport, describeRemoteFault, signInForScopes } =
      await import('../client/sdk-v2.ts');
    const scopes = spec.oauth?.scopes ?? spec.scopes;
    const asked = await wantedScopes(options.store, spec.url);
    const wanted = asked === undefined ? spec.scopes : [...new Set([...asked, ...(spec.scopes ?? [])])];
    const stored = new StoredOAuth({
      resource: spec.url,
      store: options.store,
      client: spec.oauth,
      scopes,
      browser: { redirectUrl: callback.redirectUrl, state, open: options.openBrowser },
    });
    const auth = spec.trusted ? boundTo(spec.url, stored) : stored;
    // The stored credentials did not work. Start over, but keep a manually registered client.
    await stored.invalidateCredentials('all');
    const address = { url: spec.url, headers: spec.headers, auth, fetch: options.fetch ?? fetch };
    if (wanted !== undefined) {
      const needed = asked !== undefined || (await needsSignIn(spec, options));
      if (needed !== true) return needed;
      const { finish } = await signInForScopes(auth, { ...address, scopes: wanted });
      const answer = await callback.answer(options.signal);
      if ('reason' in answer) return { kind: 'failed', reason: answer.reason };
      await finish(answer.parameters);
      return { kind: 'signed-in' };
    }
    const transport = createRemoteTransport(spec.transport === 'sse' ? 'sse' : 'http', address);
    try {
      await createClientV2(transport, { version: options.version }).connect({
        signal: options.signal,
        timeoutMs: 60_000,
      });
      return { kind: 'not-needed' };
    } catch (error) {
      if (describeRemoteFault(error) !== 'asks for a sign-in') {
        return { kind: 'failed', reason: describeRemoteFault(error) };
      }
      const answer = await callback.answer(options.signal);
      if ('reason' in answer) return { kind: 'failed', reason: answer.reason };
      await transport.finishAuth(answer.parameters);
      return { kind: 'signed-in' };
    } finally {
      await transport.close();
    }
  } catch (error) {
    return { kind: 'failed', reason: error instanceof Error ? error.message : String(error) };
  } finally {
    callback.close();
  }
}

/** Asked without credentials, because a sign-in for given scopes does not ask the server first. */
async function needsSignIn(spec: RemoteSpec, options: SignInOptions): Promise<true | SignedIn> {
  const { createClientV2, createRemoteTransport, describeRemoteFault } = await import('../client/sdk-v2.ts');
  const transport = createRemoteTransport(spec.transport === 'sse' ? 'sse' : 'http', {
    url: spec.url,
    headers: spec.headers,
    auth: undefined,
    fetch: options.fetch ?? fetch,
  });
  try {
    await createClientV2(transport, { version: options.version }).connect({
      signal: options.signal,
      timeoutMs: 60_000,
    });
    return { kind: 'not-needed' };
  } catch (error) {
    const fault = describeRemoteFault(error);
    return fault === 'asks for a sign-in' ? true : { kind: 'failed', reason: fault };
  } finally {
    await transport.close();
  }
}

interface Callback {
  readonly redirectUrl: string;
  readonly answer: (
    signal: AbortSignal,
  ) => Promise<{ readonly parameters: URLSearchParams } | { readonly reason: string }>;
  readonly close: () => void;
}

/** Waits on 127.0.0.1 for the browser's redirect. Ignores requests with a different `state`. */
async function listenForCallback(state: string, port: number): Promise<Callback> {
  let resolve: (parameters: URLSearchParams) => void = () => {};
  const answered = new Promise<URLSearchParams>((resolve_) => {
    resolve = resolve_;
  });
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://127.0.0.1');
    const isAnswer = request.method === 'GET' && pathname === '/callback' && searchParams.get('state') === state;
    response.writeHead(isAnswer ? 200 : 404, {
      'content-type': 'text/plain; charset=utf-8',
      'cache-control': 'no-store',
      connection: 'close',
    });
    const denied = searchParams.has('error');
    response.end(
      isAnswer
        ? `Switchboard: ${denied ? 'you were not signed in' : 'you are signed in'}. You can close this page.\n`
        : 'Not found.\n',
    );
    if (isAnswer) resolve(searchParams);
  });
  await listen(server, port);
  const { port: actual } = addressOf(server);
  return {
    redirectUrl: `http://127.0.0.1:${actual}/callback`,
    answer: async (signal) => {
      const aborted = new Promise<undefined>((resolve_) => {
        if (signal.aborted) resolve_(undefined);
        signal.addEventListener('abort', () => resolve_(undefined), { once: true });
      });
      const parameters = await Promise.race([answered, aborted]);
      if (parameters === undefined) return { reason: 'was cancelled' };
      if (!parameters.has('error')) return { parameters };
      return { reason: `the authorization server answered ${JSON.stringify(parameters.get('error'))}` };
    },
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
}

function addressOf(server: Server): AddressInfo {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The callback has no port.');
  return address;
}
