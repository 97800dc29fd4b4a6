import type { ServerScopes } from './scopes.ts';

/** This server as an OAuth resource: RFC 9728. */
export interface Resource {
  readonly url: () => string;
  /**
   * The `WWW-Authenticate` header of a rejection. Asks for all scopes unless some are given: clients of MCP's own SDK register
   * with what they are asked for first, and many authorization servers let them have no more later.
   */
  readonly challenge: (parameters: Readonly<Record<string, string>>) => string;
  /** The paths of its metadata: at the root, and with the path of the resource. */
  readonly isMetadata: (path: string) => boolean;
  readonly metadata: () => Record<string, unknown>;
  /** The path that accepts messages. */
  readonly isEndpoint: (path: string) => boolean;
}

const wellKnown = '/.well-known/oauth-protected-resource';

/** @param url of the server; its port may be known only once it listens. */
export function createResource(
  url: () => string,
  title: string,
  issuer: string | undefined,
  scopes: ServerScopes,
): Resource {
  const pathOf = (): string => new URL(url()).pathname.replace(/\/$/u, '');
  const metadataUrl = (): string => `${new URL(url()).origin}${wellKnown}${pathOf()}`;
  return {
    url,
    challenge: (parameters) => {
      const all = {
        ...parameters,
        scope: parameters['scope'] ?? `${scopes.read} ${scopes.write}`,
        ...(issuer !== undefined && { resource_metadata: metadataUrl() }),
      };
      return `Bearer ${Object.entries(all)
        .map(([name, value]) => `${name}="${value}"`)
        .join(', ')}`;
    },
    isMetadata: (path) =>
      issuer !== undefined && [wellKnown, `${wellKnown}/mcp`, `${wellKnown}${pathOf()}`].includes(path),
    metadata: () => ({
      resource: url(),
      resource_name: title,
      authorization_servers: issuer === undefined ? [] : [issuer],
      scopes_supported: [scopes.read, scopes.write],
      bearer_methods_supported: ['header'],
    }),
    isEndpoint: (path) => path === '/mcp' || path === (pathOf() === '' ? '/' : pathOf()),
  };
}
