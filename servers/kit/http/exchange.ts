import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  classifyInboundRequest,
  createMcpHandler,
  Server,
  SUPPORTED_PROTOCOL_VERSIONS,
} from '@modelcontextprotocol/server';
import * as z from 'zod';
import type { Log } from '../log.ts';
import type { Protocol } from '../protocol.ts';
import type { Exchange } from '../requests.ts';
import { sendError } from './answers.ts';
import { serveLegacy } from './legacy.ts';

export type ServeMessage<Connection> = (
  message: Record<string, unknown>,
  exchange: Omit<Exchange<Connection>, 'notify'>,
  request: IncomingMessage,
  response: ServerResponse,
) => Promise<void>;

/**
 * Both eras of the protocol, with the server of one SDK. Revision 2026-07-28 goes through the SDK's own entry with its
 * checks of headers and envelopes; the revisions before need none of that without sessions.
 */
export function createServeMessage<Connection>(protocol: Protocol<Connection>, log: Log) {
  const onerror = (error: Error): void => log('info', 'protocol error', { error: error.message });
  const createServer = (method: unknown, exchange: Omit<Exchange<Connection>, 'notify'>): Server => {
    const { info, capabilities, instructions } = protocol;
    const server = new Server(info, { capabilities, instructions });
    server.onerror = onerror;
    // Without a handler, the SDK responds with the status that the revision defines.
    if (typeof method === 'string' && protocol.knows(method))
      server.fallbackRequestHandler = async ({ params }, { mcpReq }) =>
        protocol.answer(method, params, {
          ...exchange,
          notify: (name, values) => mcpReq.notify({ method: name, params: values }),
        });
    return server;
  };
  const running = new WeakMap<Request, () => Server>();
  const modern = createMcpHandler(
    ({ requestInfo }) => {
      const create = requestInfo === undefined ? undefined : running.get(requestInfo);
      if (create === undefined) throw new Error('a request outside an exchange');
      return create();
    },
    { legacy: 'reject', onerror },
  );

  const serveModern: ServeMessage<Connection> = async (message, exchange, { headers }, response) => {
    const sent = Object.entries(headers).flatMap(([name, value]): [string, string][] =>
      typeof value === 'string' && /^(?:accept|content-type|mcp-.*)$/u.test(name) ? [[name, value]] : [],
    );
    const request = new Request('http://localhost/mcp', { method: 'POST', headers: sent, signal: exchange.signal });
    running.set(request, () => createServer(message['method'], exchange));
    const answer = await modern.fetch(request, { parsedBody: message });
    if (response.destroyed) return;
    response.writeHead(answer.status === 499 ? 500 : answer.status, Object.fromEntries(answer.headers));
    if (answer.body !== null) for await (const chunk of answer.body) response.write(chunk);
    response.end();
  };

  const serve: ServeMessage<Connection> = async (message, exchange, request, response) => {
    const { headers } = request;
    const method = message['method'];
    if (method === 'notifications/dev.switchboard/stop') {
      protocol.stop(message, exchange.caller);
      return void response.writeHead(202).end();
    }
    const sdk = () => createServer(method, exchange);
    const legacy = () => serveLegacy(message, exchange, response, { protocol, createServer: sdk, log });
    if (typeof method === 'string' && protocol.knows(method) && isPlain(message, headers)) return legacy();
    const classified = classifyInboundRequest(inbound(message, headers));
    if (classified.kind !== 'legacy') return serveModern(message, exchange, request, response);
    const version = headers['mcp-protocol-version'];
    if (version !== undefined && !SUPPORTED_PROTOCOL_VERSIONS.includes(String(version)))
      return sendError(response, 400, `MCP-Protocol-Version must be among ${SUPPORTED_PROTOCOL_VERSIONS.join(', ')}.`);
    const { 'mcp-method': saidMethod, 'mcp-name': saidName } = headers;
    const isOther = saidMethod !== undefined && saidMethod !== method;
    if (isOther || (saidName !== undefined && saidName !== namedIn(message)))
      return sendError(response, 400, 'Mcp-Method or Mcp-Name does not match the body.', headerMismatch);
    return legacy();
  };
  return { serve, close: () => modern.close() };
}

function inbound(body: Record<string, unknown>, headers: IncomingMessage['headers']) {
  const { 'mcp-protocol-version': version, 'mcp-method': method, 'mcp-name': name } = headers;
  return {
    httpMethod: 'POST',
    body,
    ...(typeof version === 'string' && { protocolVersionHeader: version }),
    ...(typeof method === 'string' && { mcpMethodHeader: method }),
    ...(typeof name === 'string' && { mcpNameHeader: name }),
  };
}

/** Without anything of revision 2026-07-28 in it, whose rules the SDK knows. */
function isPlain({ params }: Record<string, unknown>, headers: IncomingMessage['headers']): boolean {
  const version = headers['mcp-protocol-version'];
  if (version !== undefined && !SUPPORTED_PROTOCOL_VERSIONS.includes(String(version))) return false;
  if (headers['mcp-method'] !== undefined || headers['mcp-name'] !== undefined) return false;
  if (params === undefined) return true;
  if (params === null || typeof params !== 'object') return false;
  const meta: unknown = Reflect.get(params, '_meta');
  if (meta === undefined) return true;
  if (meta === null || typeof meta !== 'object') return false;
  return !Object.keys(meta).some((key) => key.startsWith('io.modelcontextprotocol/'));
}

/** A proxy may have routed or admitted the request by its headers. */
const headerMismatch = -32_020;

const namedSchema = z.object({ params: z.object({ name: z.string() }) });

function namedIn(message: Record<string, unknown>): string | undefined {
  return namedSchema.safeParse(message).data?.params.name;
}
