import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  classifyInboundRequest,
  createMcpHandler,
  Server,
  SUPPORTED_PROTOCOL_VERSIONS,
  type JSONRPCMessage,
  type Transport,
} from '@modelcontextprotocol/server';
import * as z from 'zod';
import type { Log } from '../log.ts';
import type { Protocol } from '../protocol.ts';
import type { Exchange } from '../requests.ts';
import { sendError } from './answers.ts';

export type ServeMessage<Connection> = (
  message: Record<string, unknown>,
  exchange: Omit<Exchange<Connection>, 'notify'>,
  request: IncomingMessage,
  response: ServerResponse,
) => Promise<void>;

/**
 * Both eras of the protocol, with the server of one SDK. Revision 2026-07-28 goes through the SDK's own entry with its
 * checks of headers and envelopes; the revisions before, which need none of that without sessions, over a transport of
 * one exchange, at half the cost.
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
    const classified = classifyInboundRequest({
      httpMethod: 'POST',
      body: message,
      ...(typeof headers['mcp-protocol-version'] === 'string' && {
        protocolVersionHeader: headers['mcp-protocol-version'],
      }),
      ...(typeof headers['mcp-method'] === 'string' && { mcpMethodHeader: headers['mcp-method'] }),
      ...(typeof headers['mcp-name'] === 'string' && { mcpNameHeader: headers['mcp-name'] }),
    });
    if (message['method'] === 'notifications/dev.switchboard/stop') {
      protocol.stop(message, exchange.caller);
      return void response.writeHead(202).end();
    }
    if (classified.kind !== 'legacy') return serveModern(message, exchange, request, response);
    const version = headers['mcp-protocol-version'];
    if (version !== undefined && !SUPPORTED_PROTOCOL_VERSIONS.includes(String(version)))
      return sendError(response, 400, `MCP-Protocol-Version must be among ${SUPPORTED_PROTOCOL_VERSIONS.join(', ')}.`);
    if (differs(headers['mcp-method'], message['method']) || differs(headers['mcp-name'], namedIn(message)))
      return sendError(response, 400, 'Mcp-Method or Mcp-Name does not match the body.', headerMismatch);
    return serveLegacy(createServer(message['method'], exchange), message, response);
  };
  return { serve, close: () => modern.close() };
}

/** A proxy may have routed or admitted the request by its headers. */
const headerMismatch = -32_020;

function differs(header: string | string[] | undefined, said: unknown): boolean {
  return header !== undefined && header !== said;
}

const namedSchema = z.object({ params: z.object({ name: z.string() }) });

function namedIn(message: Record<string, unknown>): string | undefined {
  return namedSchema.safeParse(message).data?.params.name;
}

const requestSchema = z.looseObject({
  jsonrpc: z.literal('2.0'),
  id: z.union([z.string(), z.int()]),
  method: z.string(),
  params: z
    .looseObject({
      _meta: z.looseObject({ progressToken: z.union([z.string(), z.int()]).optional() }).optional(),
    })
    .optional(),
});
const otherSchema = z.union([
  z.looseObject({ jsonrpc: z.literal('2.0'), method: z.string(), id: z.undefined().optional() }),
  z.looseObject({ jsonrpc: z.literal('2.0'), result: z.unknown(), id: z.union([z.string(), z.int()]) }),
  z.looseObject({ jsonrpc: z.literal('2.0'), error: z.unknown() }),
]);

/** One request and its response as JSON, or as events if the caller wants progress. */
async function serveLegacy(server: Server, message: Record<string, unknown>, response: ServerResponse): Promise<void> {
  const { data: request } = requestSchema.safeParse(message);
  if (request === undefined) {
    // Without sessions, notifications and responses mean nothing here.
    if (otherSchema.safeParse(message).success) return void response.writeHead(202).end();
    return sendError(response, 400, 'The body is not a JSON-RPC message.', -32600);
  }
  const hasEvents = request.params?._meta?.progressToken !== undefined;
  const over = once(response, 'close');
  const transport: Transport = {
    start: () => Promise.resolve(),
    close: () => {
      transport.onclose?.();
      return Promise.resolve();
    },
    send: (sent) => {
      if (hasEvents) writeEvent(response, sent);
      if ('method' in sent) return Promise.resolve();
      if (hasEvents) response.end();
      else writeJson(response, sent);
      return Promise.resolve();
    },
  };
  await server.connect(transport);
  const { id, method, params } = request;
  transport.onmessage?.({ jsonrpc: '2.0', id, method, ...(params !== undefined && { params }) });
  await over;
  await server.close();
}

function writeJson(response: ServerResponse, message: JSONRPCMessage): void {
  if (response.destroyed) return;
  const body = Buffer.from(JSON.stringify(message));
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length }).end(body);
}

function writeEvent(response: ServerResponse, message: JSONRPCMessage): void {
  if (response.destroyed) return;
  if (!response.headersSent)
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache, no-transform' });
  response.write(`event: message\ndata: ${JSON.stringify(message)}\n\n`);
}
