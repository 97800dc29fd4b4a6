import { Command, Option } from 'commander';
import { addMcpCommands, type McpPorts } from './commands/mcp-commands.ts';
import { addAuditCommands, addSessionCommands, type RecordsPorts } from './commands/records-commands.ts';
import { addStateCommands, type StatePorts } from './commands/state-commands.ts';

export interface RunOptions {
  readonly param: readonly string[];
  readonly budget: readonly string[];
  readonly policy?: string;
  readonly acceptGrants?: boolean;
  readonly mcpConfig?: string;
  readonly output: 'text' | 'json';
  readonly workspace: string;
  readonly session?: string;
  /** Of `run`. */
  readonly occasion?: string;
}

export interface WorkerOptions {
  readonly http: string;
  readonly triggers?: string;
  readonly policy?: string;
  readonly mcpConfig?: string;
  readonly workspace: string;
}

/** The actions behind the commands. The program itself only defines the syntax. */
export interface Actions {
  readonly run: (runbook: string, options: RunOptions) => Promise<void>;
  readonly ask: (words: readonly string[], options: RunOptions) => Promise<void>;
  readonly resume: (session: string, options: RunOptions & { readonly runbook?: string }) => Promise<void>;
  readonly undo: (session: string | undefined, which: string | undefined, options: RunOptions) => Promise<void>;
  readonly accept: (runbook: string, options: Pick<RunOptions, 'param' | 'workspace'>) => Promise<void>;
  readonly serve: (server: string, options: { readonly http?: string }) => Promise<void>;
  readonly worker: (options: WorkerOptions) => Promise<void>;
  readonly doctor: (options: { readonly mcpConfig?: string }) => Promise<void>;
  readonly records: RecordsPorts;
  readonly state: StatePorts;
  readonly mcp: McpPorts;
}

/** The command line: every command, argument and option. `npm run docs` writes the tables of the README from it. */
export function createProgram(version: string, servers: readonly string[], actions: Actions): Command {
  const program = new Command('switchboard')
    .description('Investigates PostgreSQL, Jira, Slack and the code in this folder with an agent.')
    .version(version)
    .exitOverride()
    .showHelpAfterError('(see switchboard --help)');

  withRunOptions(
    program
      .command('run')
      .argument('<runbook>', 'name of a runbook (workspace, your own or built-in), or a Markdown file'),
  )
    .description('Runs a runbook.')
    .option(
      '--occasion <text>',
      'what it is run for: another run for it sends nothing twice (needs SWITCHBOARD_STATE_URL)',
    )
    .action(actions.run);

  withRunOptions(program.command('ask').argument('<question...>', 'the question, in your own words'))
    .description('Asks one question.')
    .action(actions.ask);

  withRunOptions(program.command('resume').argument('<session>', 'id of a session whose run was interrupted'))
    .description('Resumes an interrupted run. Nothing is sent twice.')
    .option('--runbook <file>', 'Markdown file of its runbook, if it cannot be found by name')
    .action(actions.resume);

  program
    .command('undo')
    .argument('[session]', 'id of a session; the newest if left out')
    .argument('[number]', 'which of its writes; left out, they are listed')
    .description('Takes back one write: shows what would be done, and asks first.')
    .option('--workspace <folder>', 'folder with the code to read', process.cwd())
    .addOption(outputOption())
    .action(async (session: string | undefined, which: string | undefined, options: UndoOptions) =>
      actions.undo(session, which, { ...options, param: [], budget: [] }),
    );

  program
    .command('accept')
    .argument('<runbook>', 'name of a runbook, or a Markdown file')
    .description('Accepts the grants that this runbook declares. A changed runbook asks again.')
    .option('--param <name=value>', 'parameter of the runbook; repeat for each one', collect, [])
    .option('--workspace <folder>', 'folder whose runbooks may be used', process.cwd())
    .action(actions.accept);

  program
    .command('serve')
    .argument('<server>', servers.join(', '))
    .description('Runs one MCP server over stdio or HTTP, for any MCP client.')
    .option('--http <host:port>', 'listen there, for many clients (servers/README.md)')
    .action(actions.serve);

  addWorkerCommand(program, actions);

  program
    .command('doctor')
    .description('Tests every connection and reports problems.')
    .option('--mcp-config <file>', 'file that says where our servers run')
    .action(actions.doctor);

  addSessionCommands(program, actions.records);
  addAuditCommands(program, actions.records);
  addStateCommands(program, actions.state);
  addMcpCommands(program, actions.mcp);
  return program;
}

function addWorkerCommand(program: Command, { worker }: Pick<Actions, 'worker'>): void {
  program
    .command('worker')
    .description('Runs the service that starts runs when something happens (src/service/README.md).')
    .requiredOption('--http <host:port>', 'listen there')
    .option('--triggers <file>', 'YAML or JSON file that says which webhooks and commands start which runbooks')
    .option(
      '--policy <file>',
      'YAML or JSON file of grants (writes that need no approval), and of who may approve others',
    )
    .option('--mcp-config <file>', 'file that lists additional MCP servers')
    .option('--workspace <folder>', 'folder with the code to read, and with runbooks', process.cwd())
    .action(worker);
}

function withRunOptions(command: Command): Command {
  return command
    .option('--param <name=value>', 'parameter of the runbook; repeat for each one', collect, [])
    .option(
      '--policy <file>',
      'YAML or JSON file of grants (writes that need no approval), and of who may approve others',
    )
    .option('--accept-grants', 'allow the writes that the runbook declares')
    .option('--mcp-config <file>', 'file that lists additional MCP servers, in the format of VS Code, Cursor or Claude')
    .option(
      '--budget <name=number>',
      'limit for the run, such as turns=20 or dollars=0.5; repeat for each one',
      collect,
      [],
    )
    .option('--workspace <folder>', 'folder with the code to read', process.cwd())
    .option('--session <id>', 'continue this session')
    .addOption(outputOption());
}

type UndoOptions = Pick<RunOptions, 'workspace' | 'output'>;

function outputOption(): Option {
  return new Option('--output <kind>', 'text, or json with one event per line')
    .choices(['text', 'json'])
    .default('text');
}

function collect(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}
