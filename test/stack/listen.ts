import { once } from 'node:events';
import type { Server } from 'node:net';

/** Listens on loopback and returns the port. Default: a free one. @throws if the port is taken */
export async function listen(server: Server, port = 0): Promise<number> {
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('not listening on a port');
  return address.port;
}
