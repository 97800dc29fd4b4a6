import { connect, createServer, type Server, type Socket } from 'node:net';
import { listen } from './listen.ts';

/** A connection to a database that can be cut. */
export interface Cable {
  readonly url: string;
  readonly cut: () => Promise<void>;
  readonly mend: () => Promise<void>;
}

export async function layCable(to: URL): Promise<Cable> {
  const sockets = new Set<Socket>();
  const open = (): Server =>
    createServer((near) => {
      const far = connect(Number(to.port), to.hostname);
      for (const socket of [near, far]) {
        sockets.add(socket);
        socket.on('error', () => undefined);
        socket.on('close', () => {
          sockets.delete(socket);
          for (const each of [near, far]) each.destroy();
        });
      }
      near.pipe(far).pipe(near);
    });
  let server = open();
  const port = await listen(server);
  const through = new URL(to);
  through.port = String(port);
  return {
    url: through.href,
    cut: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
        sockets.clear();
      }),
    mend: async () => {
      server = open();
      await listen(server, port);
    },
  };
}
