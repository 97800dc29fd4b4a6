import { EventEmitter, lm, McpStdioServerDefinition, type Disposable, type McpServerDefinitionProvider } from 'vscode';

export interface OfferedServer {
  readonly id: string;
  readonly title: string;
  readonly command: string;
  readonly args: readonly string[];
}

export interface McpProviderOptions {
  /** The connected servers, without secrets. */
  readonly servers: () => Promise<readonly OfferedServer[]>;
  /** The environment of one server, with the secrets of that server only. */
  readonly environment: (id: string) => Promise<Readonly<Record<string, string>>>;
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
  const provider: McpServerDefinitionProvider<McpStdioServerDefinition> = {
    onDidChangeMcpServerDefinitions: changed.event,
    provideMcpServerDefinitions: async () => {
      const servers = await options.servers();
      return servers.map(({ id, title, command, args }) => {
        const label = `Switchboard ${title}`;
        offered.set(label, id);
        return new McpStdioServerDefinition(label, command, [...args], {}, options.version);
      });
    },
    resolveMcpServerDefinition: async (server) => {
      const id = offered.get(server.label);
      if (id === undefined) return undefined;
      server.env = { ...(await options.environment(id)) };
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
