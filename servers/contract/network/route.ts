import type { Agent as HttpAgent, ClientRequest } from 'node:http';

/** The way out of this process: through the proxy that the variables name, trusting whom this machine trusts. */
export interface Outbound {
  /** As the global one; what needs neither proxy nor TLS goes by that. */
  readonly fetch: typeof fetch;
  /**
   * For one request of `node:http` or `node:https`.
   * @throws ProxySettingError
   */
  readonly route: (url: URL, options: { readonly keepAlive: boolean }) => Route;
}

export interface Route {
  readonly agent: HttpAgent;
  /** Fails a request that the proxy does not let through: its answer would pass for the host's. */
  readonly watch: (request: ClientRequest) => void;
}
