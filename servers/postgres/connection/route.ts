import type { ConnectionOptions } from 'node:tls';

/** Where the server is reached, after tunnels; a cancel request goes the same way. */
export interface Route {
  readonly host: string;
  readonly port: number;
  /** Path of a Unix socket, instead of host and port. */
  readonly path: string | undefined;
  readonly tls: false | ConnectionOptions;
  /** TLS from the first byte on, without asking for it. */
  readonly direct: boolean;
}
