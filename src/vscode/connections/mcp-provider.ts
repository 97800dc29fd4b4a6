import {
  EventEmitter,
  lm,
  McpHttpServerDefinition,
  McpStdioServerDefinition,
  Uri,
  type Disposable,
  type McpServerDefinitionProvider,
} from 'vscode';

export type OfferedServer = { readonly id: string; readonly title: string } & (
  | { readonly kind: 'child'; readonly command: string; readonly args: readonly string[] }
  | { readonly kind: 'remote'; readonly url: string }
);

export interface McpProviderOptions {
  /** The connected servers, without secrets. */
  readonly servers: () => Promise<readonly OfferedServer[]>;
  /** The environment of one server, with the secrets of that server only. */
  readonly environment: (id: string) => Promise<Readonly<Record<string, string>>>;
  /** The headers for one that runs elsewhere. Without a token, VS Code signs in by itself. */
  readonly headers: (id: string) => Promise<Readonly<Record<string, string>>>;
  /** A new version makes VS Code reload the tools. */
  readonly version: string;
}

export interface McpProvider extends Disposable {
  readonly refresh: () => void;
}

/** Offers our servers to VS Code's own agent. Secrets are added only when a server starts. */
export function registerMcpProvider(options: McpProviderOptions): McpProvider {
  const changed = new EventEmitter<void>();
  const offered = new Map<string, string>();
  const provider: McpServerDefinitionProvider<McpStdioServerDefinition | McpHttpServerDefinition> = {
    onDidChangeMcpServerDefinitions: changed.event,
    provideMcpServerDefinitions: async () => {
      const servers = await options.servers();
      return servers.map((server) => {
        const label = `Switchboard ${server.title}`;
        offered.set(label, server.id);
        return server.kind === 'remote'
          ? new McpHttpServerDefinition(label, Uri.parse(server.url, true), {}, options.version)
          : new McpStdioServerDefinition(label, server.command, [...server.args], {}, options.version);
      });
    },
    resolveMcpServerDefinition: async (server) => {
      const id = offered.get(server.label);
      if (id === undefined) return undefined;
      if (server instanceof McpHttpServerDefinition) server.headers = { ...(await options.headers(id)) };
      else server.env = { ...(await options.environment(id)) };
      return server;
    },
  };
  const registration = lm.registerMcpServerDefinitionProvider('switchboard', provider);
  return {
    refresh: () => changed.fire(),
    dispose: () => {
      registration.dispose();
      changed.dispose();
    },
  };
}
