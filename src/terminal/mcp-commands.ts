import type { Command } from 'commander';
import { exitCodes, UsageError } from './exit-codes.ts';
import { renderRows } from './format-rows.ts';

/** A server of the person's own file. */
export interface FurtherServer {
  readonly name: string;
  /** Prefix of its tools. */
  readonly id: string;
  /** The command line, or the address. */
  readonly where: string;
  readonly remote: boolean;
}

export interface FurtherServers {
  readonly servers: readonly FurtherServer[];
  /** One line each: what is left out, and what was read differently than written. */
  readonly remarks: readonly string[];
  readonly signIn: (id: string, openBrowser: (url: URL) => Promise<void>, signal: AbortSignal) => Promise<SignInResult>;
}

export type SignInResult =
  | { readonly kind: 'signed-in' | 'not-needed' }
  | { readonly kind: 'failed'; readonly reason: string };

export interface McpPorts {
  /** @throws UsageError, McpConfigError where the file cannot be used. */
  readonly read: (file: string, workspace: string) => Promise<FurtherServers>;
  readonly print: (text: string) => void;
  readonly note: (line: string) => void;
  readonly exit: (code: number) => void;
  readonly signal: () => AbortSignal;
}

interface McpOptions {
  readonly mcpConfig: string;
  readonly workspace: string;
}

export function addMcpCommands(program: Command, ports: McpPorts): void {
  const mcp = program.command('mcp').description('Further MCP servers, from a file as other hosts write it.');
  withFile(mcp.command('list'))
    .description('Which servers the file holds, and what is wrong with the others.')
    .action(async ({ mcpConfig, workspace }: McpOptions) => {
      const { servers, remarks } = await ports.read(mcpConfig, workspace);
      for (const line of remarks) ports.note(line);
      ports.print(
        renderRows(
          ['id', 'name', 'where'],
          servers.map(({ id, name, where }) => [id, name, where]),
          'text',
        ),
      );
    });
  withFile(mcp.command('login').argument('<server>', 'its name in the file'))
    .description('Signs in to a server on the network with a browser. The tokens stay in the state folder.')
    .action(async (wanted: string, { mcpConfig, workspace }: McpOptions) => {
      const { servers, signIn } = await ports.read(mcpConfig, workspace);
      const server = servers.find(({ name, id }) => name === wanted || id === wanted);
      if (server?.remote !== true) {
        const names = servers.filter(({ remote }) => remote).map(({ name }) => name);
        const known = names.length === 0 ? 'The file has none.' : `Servers on the network: ${names.join(', ')}.`;
        throw new UsageError(`There is no server '${wanted}' to sign in to. ${known}`);
      }
      const showAddress = async (url: URL): Promise<void> =>
        ports.note(`Open this address in a browser to sign in to ${server.name}:\n${url.href}`);
      const result = await signIn(server.id, showAddress, ports.signal());
      if (result.kind === 'failed') {
        ports.note(`Not signed in to ${server.name}: ${result.reason}`);
        ports.exit(exitCodes.failed);
        return;
      }
      ports.print(
        result.kind === 'signed-in' ? `Signed in to ${server.name}.\n` : `${server.name} does not ask for a sign-in.\n`,
      );
    });
}

function withFile(command: Command): Command {
  return command
    .requiredOption('--mcp-config <file>', 'the file of further servers')
    .option('--workspace <folder>', 'what ${workspaceFolder} in it stands for', process.cwd());
}
