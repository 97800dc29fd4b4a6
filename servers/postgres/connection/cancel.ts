import { once } from 'node:events';
import { connect as connectPlain, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { Client } from 'pg';
import * as z from 'zod';
import type { Route } from './route.ts';

const keySchema = z.object({ processID: z.number(), secretKey: z.number() });
const cancelLimitMs = 2000;

/**
 * Sends a CancelRequest on a separate connection, encrypted if the session is.
 * https://www.postgresql.org/docs/18/protocol-flow.html#PROTOCOL-FLOW-CANCELING-REQUESTS
 * @throws if the server cannot be reached.
 */
export async function sendCancel(client: Client, route: Route): Promise<void> {
  const { processID, secretKey } = keyOf(client);
  const request = Buffer.alloc(16);
  request.writeInt32BE(16, 0);
  request.writeInt32BE(80_877_102, 4);
  request.writeInt32BE(processID, 8);
  request.writeInt32BE(secretKey, 12);
  const socket = route.path === undefined ? connectPlain(route.port, route.host) : connectPlain(route.path);
  const signal = AbortSignal.timeout(cancelLimitMs);
  try {
    await once(socket, 'connect', { signal });
    const line = route.tls === false ? socket : await encrypt(socket, route, signal);
    // The server closes the connection once it has signaled the backend.
    const closed = once(line, 'close', { signal });
    // Do not end it ourselves: PgBouncer drops the request of a client that disconnects.
    line.write(request);
    line.resume();
    await closed;
  } finally {
    socket.destroy();
  }
}

/** Properties of pg's client that are missing from its types. */
export function keyOf(client: Client): z.infer<typeof keySchema> {
  return keySchema.parse(Object.fromEntries(Object.entries(client)));
}

async function encrypt(socket: Socket, route: Route, signal: AbortSignal): Promise<Socket> {
  if (route.direct) return secured(socket, route, ['postgresql'], signal);
  const ask = Buffer.alloc(8);
  ask.writeInt32BE(8, 0);
  ask.writeInt32BE(80_877_103, 4);
  socket.write(ask);
  const answer: unknown[] = await once(socket, 'data', { signal });
  if (!(answer[0] instanceof Buffer) || answer[0].toString() !== 'S' || route.tls === false)
    throw new Error('the server does not encrypt a cancel request');
  return secured(socket, route, undefined, signal);
}

async function secured(
  socket: Socket,
  route: Route,
  protocols: string[] | undefined,
  signal: AbortSignal,
): Promise<Socket> {
  const secure = connectTls({
    ...(route.tls === false ? {} : route.tls),
    ...(protocols !== undefined && { ALPNProtocols: protocols }),
    socket,
    host: route.host,
  });
  await once(secure, 'secureConnect', { signal });
  return secure;
}
