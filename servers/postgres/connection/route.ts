import type { ConnectionOptions } from 'node:tls';

/** Where to reach the server, after tunnels; cancel requests go the same way. */
export interface Route {
  readonly host: string;
  readonly port: number;
  /** Path of a Unix socket, instead of host and port. */
  readonly path: string | undefined;
  readonly tls: false | ConnectionOptions;
  /** TLS from the first byte, without negotiation. */
  readonly direct: boolean;
}
