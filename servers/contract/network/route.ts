import type { Agent as HttpAgent, ClientRequest } from 'node:http';

/**
 * How requests leave this process: through the proxy that the variables name, trusting the authorities this machine
 * trusts.
 */
export interface Outbound {
  /** Works like the global `fetch`, which it uses when neither a proxy nor TLS is needed. */
  readonly fetch: typeof fetch;
  /**
   * For one request of `node:http` or `node:https`.
   * @throws ProxySettingError
   */
  readonly route: (url: URL, options: { readonly keepAlive: boolean }) => Route;
}

export interface Route {
  readonly agent: HttpAgent;
  /** Fails a request that the proxy rejected, whose response would look like the host's. */
  readonly watch: (request: ClientRequest) => void;
}
