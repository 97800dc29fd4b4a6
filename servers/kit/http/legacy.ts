import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { Server, Transport } from '@modelcontextprotocol/server';
import * as z from 'zod';
import type { Log } from '../log.ts';
import type { Protocol } from '../protocol.ts';
import { internalError, ProtocolFault, type Exchange } from '../requests.ts';
import { sendError } from './answers.ts';

/** A JSON-RPC request as far as this file reads it; its parameters are checked by whoever answers. */
interface Request {
  readonly id: string | number;
  readonly method: string;
  readonly params: object | undefined;
  /** The caller wants progress, so that the answer comes as events. */
  readonly hasEvents: boolean;
}

/**
 * One request of a revision before 2026-07-28, and its response. What our protocol answers goes there directly: without
 * sessions, an SDK server for each request would only cost. The rest (initialize, ping, unknown methods) is the SDK's.
 */
export async function serveLegacy<Connection>(
  message: Record<string, unknown>,
  exchange: Omit<Exchange<Connection>, 'notify'>,
  response: ServerResponse,
  { protocol, createServer, log }: { protocol: Protocol<Connection>; createServer: () => Server; log: Log },
): Promise<void> {
  const request = readRequest(message);
  if (request === undefined) {
    // Without sessions, notifications and responses mean nothing here.
    if (otherSchema.safeParse(message).success) return void response.writeHead(202).end();
    return sendError(response, 400, 'The body is not a JSON-RPC message.', -32600);
  }
  const { id, method, params, hasEvents } = request;
  if (!protocol.knows(method)) return serveBySdk(createServer(), request, response);
  const reply = (body: object): void => {
    const sent = { jsonrpc: '2.0', id, ...body };
    if (!hasEvents) return writeJson(response, sent);
    writeEvent(response, sent);
    response.end();
  };
  const notify = (name: string, values: Record<string, unknown>): Promise<void> => {
    if (hasEvents) writeEvent(response, { jsonrpc: '2.0', method: name, params: values });
    return Promise.resolve();
  };
  try {
    reply({ result: await protocol.answer(method, params, { ...exchange, notify }) });
  } catch (error) {
    if (!(error instanceof ProtocolFault))
      log('error', 'request failed unexpectedly', { error: error instanceof Error ? error.stack : String(error) });
    const { code, data } = error instanceof ProtocolFault ? error : { code: internalError, data: undefined };
    const text = error instanceof Error ? error.message : 'Internal error';
    reply({ error: { code, message: text, ...(data !== undefined && { data }) } });
  }
}

const otherSchema = z.union([
  z.looseObject({ jsonrpc: z.literal('2.0'), method: z.string(), id: z.undefined().optional() }),
  z.looseObject({ jsonrpc: z.literal('2.0'), result: z.unknown(), id: z.union([z.string(), z.int()]) }),
  z.looseObject({ jsonrpc: z.literal('2.0'), error: z.unknown() }),
]);

/** By hand, because a schema takes as long as the rest of a small request. */
function readRequest(message: Record<string, unknown>): Request | undefined {
  const { jsonrpc, id, method, params } = message;
  if (jsonrpc !== '2.0' || typeof method !== 'string' || !isId(id)) return undefined;
  if (params === undefined) return { id, method, params, hasEvents: false };
  if (!isObject(params)) return undefined;
  const meta = params['_meta'];
  if (meta === undefined) return { id, method, params, hasEvents: false };
  if (!isObject(meta)) return undefined;
  const token = meta['progressToken'];
  return token === undefined || isId(token) ? { id, method, params, hasEvents: token !== undefined } : undefined;
}

function isId(value: unknown): value is string | number {
  return typeof value === 'string' || Number.isSafeInteger(value);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

async function serveBySdk(server: Server, request: Request, response: ServerResponse): Promise<void> {
  const { id, method, params, hasEvents } = request;
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
  transport.onmessage?.({ jsonrpc: '2.0', id, method, ...(params !== undefined && { params: { ...params } }) });
  await over;
  await server.close();
}

/** As text, which Node sends together with the headers. */
function writeJson(response: ServerResponse, message: object): void {
  if (response.destroyed) return;
  const body = JSON.stringify(message);
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
  response.writeHead(200, headers).end(body);
}

function writeEvent(response: ServerResponse, message: object): void {
  if (response.destroyed) return;
  if (!response.headersSent)
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache, no-transform' });
  response.write(`event: message\ndata: ${JSON.stringify(message)}\n\n`);
}
