import {
  auth,
  Client,
  ClientCredentialsProvider,
  InsufficientScopeError,
  ProtocolError,
  SdkHttpError,
  SSEClientTransport,
  StreamableHTTPClientTransport,
  UnauthorizedError,
  type OAuthClientProvider,
  type Transport,
} from '@modelcontextprotocol/client';
import * as z from 'zod';
import type { OAuthClient } from '../server-specs.ts';
import {
  anyResult,
  capabilitiesOf,
  HttpFaultError,
  isHttpFault,
  RefusedRequestError,
  sdkOptions,
  toElicitResult,
  toSampleResult,
  type ClientIdentity,
  type McpClient,
} from './mcp-client.ts';

/**
 * Speaks 2026-07-28 as well as 2025-11-25 and earlier. Used for remote servers, and over stdio for servers that speak
 * only the newer revision.
 */
export function createClientV2(transport: Transport, identity: ClientIdentity): McpClient {
  const { version, roots, mayAsk, maySample } = identity;
  const client = new Client(
    { name: 'switchboard', title: 'Switchboard', version },
    {
      capabilities: capabilitiesOf(identity),
      versionNegotiation: { mode: 'auto' },
    },
  );
  if (roots !== undefined) client.setRequestHandler('roots/list', () => ({ roots: [...roots()] }));
  return {
    connect: ({ signal, timeoutMs }) => orRefused(client.connect(transport, { signal, timeout: timeoutMs })),
    request: (method, params, options) =>
      orRefused(
        client.request({ method, params: { ...params } }, anyResult, {
          ...sdkOptions(options),
          ...(options.headers !== undefined && { headers: { ...options.headers } }),
        }),
      ),
    notify: (method, params) => client.notification({ method, params: { ...params } }),
    ping: async (timeoutMs) => void (await orRefused(client.ping({ timeout: timeoutMs }))),
    hasResources: () => client.getServerCapabilities()?.resources !== undefined,
    mirrorsArguments: () => transport instanceof StreamableHTTPClientTransport && client.getProtocolEra() === 'modern',
    onRequests: ({ elicit, sample }) => {
      if (mayAsk === true) {
        client.setRequestHandler('elicitation/create', async ({ params }, context) =>
          toElicitResult(await elicit(params, context.mcpReq.signal)),
        );
      }
      if (maySample === true) {
        client.setRequestHandler('sampling/createMessage', async ({ params }) => toSampleResult(await sample(params)));
      }
    },
    onToolsChanged: (listener) => client.setNotificationHandler('notifications/tools/list_changed', listener),
    onFault: (listener) => {
      client.onerror = (error) => listener(error.message);
    },
  };
}

export interface RemoteAddress {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly auth: OAuthClientProvider | undefined;
  readonly fetch: typeof fetch;
}

export type RemoteTransport = StreamableHTTPClientTransport | SSEClientTransport;

/** @param kind `sse`: the transport of 2024-11-05, the only one that some servers support. */
export function createRemoteTransport(
  kind: 'http' | 'sse',
  { url, headers, auth, fetch }: RemoteAddress,
): RemoteTransport {
  const options = {
    requestInit: { headers: { ...headers } },
    fetch,
    ...(auth !== undefined && { authProvider: auth }),
  };
  return kind === 'sse'
    ? new SSEClientTransport(new URL(url), options)
    : new StreamableHTTPClientTransport(new URL(url), options);
}

/** Client credentials. The secret goes only to the issuer named with it. */
export function createMachineAuth({
  clientId,
  clientSecret = '',
  issuer = '',
  scopes,
}: OAuthClient): OAuthClientProvider {
  return new ClientCredentialsProvider({
    clientId,
    clientSecret,
    expectedIssuer: issuer,
    clientName: 'Switchboard',
    ...(scopes !== undefined && { scope: scopes.join(' ') }),
  });
}

/**
 * Starts a sign-in for the scopes that a rejected call needs. `finish` redeems the authorization server's response. The
 * connection's own sign-in would request only the scopes that the server lists.
 */
export async function signInForScopes(
  provider: OAuthClientProvider,
  {
    url,
    scopes,
    fetch,
  }: { readonly url: string; readonly scopes: readonly string[]; readonly fetch: typeof globalThis.fetch },
): Promise<{ readonly finish: (parameters: URLSearchParams) => Promise<void> }> {
  const options = { serverUrl: url, scope: scopes.join(' '), fetchFn: fetch };
  await auth(provider, options);
  return {
    finish: async (parameters) => {
      const iss = parameters.get('iss');
      const authorizationCode = parameters.get('code') ?? '';
      await auth(provider, { ...options, authorizationCode, ...(iss !== null && { iss }) });
    },
  };
}

/**
 * Tokens are requested for exactly this URL (RFC 8707), and a server that says it is another one gets none.
 * @throws when asked for another resource
 */
export function boundTo(url: string, provider: OAuthClientProvider): OAuthClientProvider {
  const { href } = new URL(url);
  return Object.assign(provider, {
    validateResourceURL: (_server: string | URL, resource: string | undefined): Promise<URL> =>
      resource === undefined || URL.parse(resource)?.href === href
        ? Promise.resolve(new URL(href))
        : Promise.reject(
            new Error(`says that its address is ${resource}, not ${href}. Use the same one on both sides`),
          ),
  });
}

/** Why a remote server could not be used. Continues a sentence that begins with its host. */
export function describeRemoteFault(error: unknown): 'asks for a sign-in' | (string & {}) {
  if (error instanceof UnauthorizedError || isSignInNeeded(error)) return 'asks for a sign-in';
  if (isHttpFault(error)) return error.status === 401 ? 'asks for a sign-in' : error.message;
  if (error instanceof RefusedRequestError) return `refused: ${error.message}`;
  return causeOf(error);
}

/** Thrown by our own provider, possibly wrapped. */
function isSignInNeeded(error: unknown): boolean {
  // Compared by name, because the class is in more than one bundle.
  return error instanceof Error && (error.name === 'SignInNeededError' || isSignInNeeded(error.cause));
}

/** `fetch failed` says nothing. Its cause does. */
function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.cause instanceof Error) return causeOf(error.cause);
  return 'code' in error ? `${error.message} (${String(error.code)})` : error.message;
}

async function orRefused<Result>(asked: Promise<Result>): Promise<Result> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof ProtocolError)
      throw new RefusedRequestError(error.code, error.message, { cause: error, data: error.data });
    if (error instanceof SdkHttpError)
      throw new HttpFaultError(error.status, { cause: error, body: z.string().catch('').parse(error.data['text']) });
    if (error instanceof InsufficientScopeError)
      throw new HttpFaultError(403, { cause: error, missingScope: error.requiredScope ?? '' });
    throw error;
  }
}
