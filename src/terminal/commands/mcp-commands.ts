import type { Command } from 'commander';
import { exitCodes, UsageError } from '../exit-codes.ts';
import { renderRows } from '../format-rows.ts';

/** A server in the person's own file, or one of ours that runs elsewhere. */
export interface FurtherServer {
  readonly name: string;
  /** Prefix of its tools. */
  readonly id: string;
  /** The command line or URL. */
  readonly where: string;
  readonly remote: boolean;
}

export interface FurtherServers {
  readonly servers: readonly FurtherServer[];
  /** One line each: what was left out, and what was interpreted differently than written. */
  readonly remarks: readonly string[];
  readonly signIn: (id: string, openBrowser: (url: URL) => Promise<void>, signal: AbortSignal) => Promise<SignInResult>;
}

export type SignInResult =
  | { readonly kind: 'signed-in' | 'not-needed' }
  | { readonly kind: 'failed'; readonly reason: string };

export interface McpPorts {
  /** @throws UsageError, McpConfigError if the file cannot be used. */
  readonly read: (file: string | undefined, workspace: string) => Promise<FurtherServers>;
  readonly print: (text: string) => void;
  readonly note: (line: string) => void;
  readonly exit: (code: number) => void;
  readonly signal: () => AbortSignal;
}

interface McpOptions {
  readonly mcpConfig?: string;
  readonly workspace: string;
}

export function addMcpCommands(program: Command, ports: McpPorts): void {
  const mcp = program
    .command('mcp')
    .description(
      'Manages MCP servers that run elsewhere and additional ones, listed in a file in the format of other hosts.',
    );
  withFile(mcp.command('list'))
    .description('Lists the servers in the file, our own that run elsewhere, and any problems with them.')
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
  withFile(mcp.command('login').argument('<server>', 'postgres, jira, slack, or the name of a server in the file'))
    .description('Signs in to a remote server with a browser. Tokens are stored in the state folder.')
    .action(async (wanted: string, { mcpConfig, workspace }: McpOptions) => {
      const { servers, signIn } = await ports.read(mcpConfig, workspace);
      const server = servers.find(({ name, id }) => name === wanted || id === wanted);
      if (server?.remote !== true) {
        const names = servers.filter(({ remote }) => remote).map(({ name }) => name);
        const known =
          names.length === 0
            ? 'None is configured: set SWITCHBOARD_REMOTE_JIRA to its URL, or use --mcp-config.'
            : `Remote servers: ${names.join(', ')}.`;
        throw new UsageError(`There is no remote server '${wanted}'. ${known}`);
      }
      const showAddress = async (url: URL): Promise<void> =>
        ports.note(`Open this URL in a browser to sign in to ${server.name}:\n${url.href}`);
      const result = await signIn(server.id, showAddress, ports.signal());
      if (result.kind === 'failed') {
        ports.note(`Not signed in to ${server.name}: ${result.reason}`);
        ports.exit(exitCodes.failed);
        return;
      }
      ports.print(
        result.kind === 'signed-in' ? `Signed in to ${server.name}.\n` : `${server.name} does not require a sign-in.\n`,
      );
    });
}

function withFile(command: Command): Command {
  return command
    .option('--mcp-config <file>', 'file that lists additional servers')
    .option('--workspace <folder>', 'folder to use for ${workspaceFolder} in the file', process.cwd());
}
