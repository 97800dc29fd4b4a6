import type { IncomingMessage, ServerResponse } from 'node:http';
import type { CallAudit } from '../audit.ts';
import type { Caller } from '../caller/caller.ts';
import { ToolError, toErrorData } from '../errors.ts';
import type { Log } from '../log.ts';
import type { AuthRefusal, Metrics } from '../telemetry/metrics.ts';
import { sendError, sendJson } from './answers.ts';
import type { Authenticate, Principal } from './authenticate.ts';
import { readMessage } from './body.ts';
import type { ServeMessage } from './exchange.ts';
import { checkHeaders, type Expected } from './protect.ts';
import { isRefusal, refuse, type Refusal } from './refusal.ts';
import type { ServeCatalogue } from './catalogue/serve-catalogue.ts';
import type { Resource } from './resource.ts';
import { calledTool, requiredScopes, type ServerScopes } from './scopes.ts';

export interface Routes<Connection> {
  readonly expected: Expected;
  readonly resource: Resource;
  readonly serveCatalogue: ServeCatalogue;
  readonly authenticate: Authenticate;
  readonly scopes: ServerScopes;
  /** Names of the tools that only read. */
  readonly reads: ReadonlySet<string>;
  readonly concurrency: number;
  readonly connectionOf: (caller: Caller) => Connection;
  readonly serve: ServeMessage<Connection>;
  readonly isReady: () => boolean;
  readonly metrics: Metrics;
  readonly audit: CallAudit;
  readonly log: Log;
}

/** How long a rejected request may keep sending, so that its client reads the response. */
const lingerMs = 2_000;

/** All checks of a request, cheapest first: who may connect (Host, Origin), who calls, what is sent, what the caller may do. */
export function createListener<Connection>(routes: Routes<Connection>) {
  const { resource, log } = routes;
  const serveFor = createServeFor(routes);

  const end = (request: IncomingMessage, response: ServerResponse, refusal: Refusal): void => {
    const { status, why, message, headers } = refusal;
    const reason = authRefusalOf(refusal);
    if (reason !== undefined) routes.metrics.authRefused(reason);
    log('warn', 'refused a request', { status, why, from: request.socket.remoteAddress });
    sendError(response, status, message, -32_000, headers, request.complete);
    if (request.complete) return;
    // A connection that is closed while its client still sends loses the answer.
    const over = setTimeout(() => request.destroy(), lingerMs).unref();
    request.on('end', () => {
      clearTimeout(over);
      response.end();
    });
    request.resume();
  };

  const accept = async (request: IncomingMessage, response: ServerResponse): Promise<Refusal | undefined> => {
    const path = request.url?.split('?')[0] ?? '';
    if (path === '/livez' || path === '/readyz') {
      sendJson(response, path === '/livez' || routes.isReady() ? 200 : 503, {});
      return undefined;
    }
    const refused = checkHeaders(request, routes.expected);
    if (refused !== undefined) return refused;
    if (request.method === 'GET' && resource.isMetadata(path)) {
      sendJson(response, 200, resource.metadata(), { 'cache-control': 'max-age=300' });
      return undefined;
    }
    if (request.method === 'GET' && routes.serveCatalogue(path, response)) return undefined;
    if (!resource.isEndpoint(path)) return refuse(404, 'path', 'There is nothing at this path.');
    const principal = await routes.authenticate(request);
    if (isRefusal(principal)) return principal;
    if (request.method !== 'POST')
      return refuse(405, 'method', 'Messages are sent with POST; there are no sessions.', { allow: 'POST' });
    const read = await readMessage(request);
    if (isRefusal(read)) return read;
    return serveFor(principal, read.message, request, response);
  };

  return (request: IncomingMessage, response: ServerResponse): void => {
    response.setHeader('x-content-type-options', 'nosniff');
    response.setHeader('cache-control', 'no-store');
    const answer = async (): Promise<void> => {
      try {
        const refusal = await accept(request, response);
        if (refusal !== undefined) end(request, response, refusal);
      } catch (error) {
        if (request.destroyed && !request.complete) return; // the client left in the middle of the body
        log('error', 'request failed unexpectedly', { error: error instanceof Error ? error.stack : String(error) });
        sendError(response, 500, 'The server failed unexpectedly. See its log.', -32_603);
      }
    };
    void answer();
  };
}

/** The words of the log are too many for a label, and some come from the request. */
function authRefusalOf({ status, why }: Refusal): AuthRefusal | undefined {
  if (status === 401) return why === 'no token' ? 'no_token' : 'invalid_token';
  if (status === 421) return 'host';
  if (status === 503) return 'cannot_verify';
  if (status !== 403) return undefined;
  return why === 'origin' || why === 'scope' ? why : 'caller';
}

/** Handles a message from a known caller: its token's permissions, and its share of the server. */
function createServeFor<Connection>(routes: Routes<Connection>) {
  const { resource } = routes;
  const running = new Map<string, number>();

  const missingScope = ({ caller, scopes }: Principal, message: Record<string, unknown>): Refusal | undefined => {
    if (scopes === 'all') return undefined;
    const needed = requiredScopes(message, routes.scopes, routes.reads);
    if (needed.every((scope) => scopes.has(scope))) return undefined;
    const text = `This needs the scope ${needed.join(' ')}.`;
    const tool = calledTool(message);
    if (tool !== undefined)
      routes.audit.refuse({ tool, caller }, { code: 'forbidden', message: text, retryable: false });
    const challenge = resource.challenge({ error: 'insufficient_scope', scope: needed.join(' ') });
    return refuse(403, 'scope', text, { 'www-authenticate': challenge });
  };

  /** @returns a refusal for a caller who has no account or role here. */
  const connectionFor = (caller: Caller, message: Record<string, unknown>): { connection: Connection } | Refusal => {
    try {
      return { connection: routes.connectionOf(caller) };
    } catch (error) {
      if (!(error instanceof ToolError)) throw error;
      const tool = calledTool(message);
      if (tool !== undefined) routes.audit.refuse({ tool, caller }, toErrorData(error));
      return refuse(403, 'caller', error.hint === undefined ? error.message : `${error.message} ${error.hint}`);
    }
  };

  return async (
    principal: Principal,
    message: Record<string, unknown>,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<Refusal | undefined> => {
    const refused = missingScope(principal, message);
    if (refused !== undefined) return refused;
    const { caller } = principal;
    const found = connectionFor(caller, message);
    if (isRefusal(found)) return found;
    const others = running.get(caller.id) ?? 0;
    if (others >= routes.concurrency)
      return refuse(429, 'concurrency', 'Too many concurrent requests from this caller.', { 'retry-after': '1' });
    running.set(caller.id, others + 1);
    const gone = new AbortController();
    response.on('close', () => {
      if (!response.writableFinished) gone.abort(new Error('the client disconnected'));
    });
    try {
      const exchange = { connection: found.connection, caller, signal: gone.signal };
      await routes.serve(message, exchange, request, response);
    } finally {
      const left = (running.get(caller.id) ?? 1) - 1;
      if (left === 0) running.delete(caller.id);
      else running.set(caller.id, left);
    }
    return undefined;
  };
}
