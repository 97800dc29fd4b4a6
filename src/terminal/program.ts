import { Command, Option } from 'commander';
import { addMcpCommands, type McpPorts } from './mcp-commands.ts';
import { addAuditCommands, addSessionCommands, type RecordsPorts } from './records-commands.ts';

export interface RunOptions {
  readonly param: readonly string[];
  readonly budget: readonly string[];
  readonly policy?: string;
  readonly acceptGrants?: boolean;
  readonly mcpConfig?: string;
  readonly output: 'text' | 'json';
  readonly workspace: string;
  readonly session?: string;
}

/** What the commands do. The program itself only says how they are written. */
export interface Actions {
  readonly run: (runbook: string, options: RunOptions) => Promise<void>;
  readonly ask: (words: readonly string[], options: RunOptions) => Promise<void>;
  readonly resume: (session: string, options: RunOptions & { readonly runbook?: string }) => Promise<void>;
  readonly accept: (runbook: string, options: Pick<RunOptions, 'param' | 'workspace'>) => Promise<void>;
  readonly serve: (server: string) => Promise<void>;
  readonly doctor: () => Promise<void>;
  readonly records: RecordsPorts;
  readonly mcp: McpPorts;
}

/** The command line: every command, argument and option. `npm run docs` writes the tables of the README from it. */
export function createProgram(version: string, servers: readonly string[], actions: Actions): Command {
  const program = new Command('switchboard')
    .description('An agent that investigates PostgreSQL, Jira, Slack and the code in this folder.')
    .version(version)
    .exitOverride()
    .showHelpAfterError('(switchboard --help says more)');

  withRunOptions(
    program
      .command('run')
      .argument('<runbook>', 'name of a runbook: of the workspace, your own or built in; or a Markdown file'),
  )
    .description('Runs a runbook.')
    .action(actions.run);

  withRunOptions(program.command('ask').argument('<question...>', 'in your own words'))
    .description('Asks one question.')
    .action(actions.ask);

  withRunOptions(program.command('resume').argument('<session>', 'id of a session whose run was interrupted'))
    .description('Goes on with a run that did not come to its end; nothing is sent twice.')
    .option('--runbook <file>', 'the Markdown file of its runbook, where it cannot be found by its name')
    .action(actions.resume);

  program
    .command('accept')
    .argument('<runbook>', 'name of a runbook, or a Markdown file')
    .description('Lets this runbook, as it is now, write what it declares itself; a changed one asks again.')
    .option('--param <name=value>', 'a parameter of the runbook; once for each', collect, [])
    .option('--workspace <folder>', 'whose runbook it may be', process.cwd())
    .action(actions.accept);

  program
    .command('serve')
    .argument('<server>', servers.join(', '))
    .description('Runs one MCP server over stdio, for any MCP client.')
    .action(actions.serve);

  program.command('doctor').description('Tries every connection and says what is wrong.').action(actions.doctor);

  addSessionCommands(program, actions.records);
  addAuditCommands(program, actions.records);
  addMcpCommands(program, actions.mcp);
  return program;
}

function withRunOptions(command: Command): Command {
  return command
    .option('--param <name=value>', 'a parameter of the runbook; once for each', collect, [])
    .option('--policy <file>', 'YAML or JSON file of grants: writes that need no approval')
    .option('--accept-grants', 'let the runbook write what it declares itself')
    .option('--mcp-config <file>', 'further MCP servers: a file as VS Code, Cursor or Claude writes it')
    .option('--budget <name=number>', 'a limit of the run: turns, dollars, ... (README); once for each', collect, [])
    .option('--workspace <folder>', 'the code to read', process.cwd())
    .option('--session <id>', 'go on with this session')
    .addOption(
      new Option('--output <kind>', 'text, or json: one event a line').choices(['text', 'json']).default('text'),
    );
}

function collect(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}
