import { join } from 'node:path';
import process from 'node:process';
import { Command, CommanderError, Option } from 'commander';
import {
  assemble,
  auditHeads,
  createOutbound,
  hasClaude,
  McpConfigError,
  readAudit,
  verifyAudit,
  version,
  type StartRequest,
} from './assemble.ts';
import { acceptRunbook } from './terminal/accept-runbook.ts';
import { cancelOnSignals } from './terminal/cancel-on-signals.ts';
import { diagnose, wrongSetting } from './terminal/doctor.ts';
import { exitCodeOf } from './terminal/exit-code.ts';
import { exitCodes, SettingsError, UsageError } from './terminal/exit-codes.ts';
import { frontFor } from './terminal/front-for.ts';
import {
  loadRunbook,
  parseParameters,
  readInterrupted,
  readNamedFile,
  readPolicyFile,
  requireStateFolder,
  requireWorkspace,
  settingsOf,
  stateFolderOf,
} from './terminal/options.ts';
import { addMcpCommands, type FurtherServers } from './terminal/mcp-commands.ts';
import { withKey } from './terminal/read-key.ts';
import { addAuditCommands, addSessionCommands, type RecordsPorts } from './terminal/records-commands.ts';
import { anchorSinksOf, keepAnchor } from './terminal/send-audit-anchor.ts';
import { serve } from './terminal/serve.ts';
import { printableLine } from './terminal/text-layout.ts';

interface RunOptions {
  readonly param: readonly string[];
  readonly budget: readonly string[];
  readonly policy?: string;
  readonly acceptGrants?: boolean;
  readonly mcpConfig?: string;
  readonly output: 'text' | 'json';
  readonly workspace: string;
  readonly session?: string;
}

const distFolder = __dirname;
const servers = ['postgres', 'jira', 'slack'];

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
  .action(async (name: string, options: RunOptions) => {
    const runbook = await findRunbook(name, parseParameters(options.param), options);
    await run(options, { prompt: runbook.runbook.title, runbook });
  });

withRunOptions(program.command('ask').argument('<question...>', 'in your own words'))
  .description('Asks one question.')
  .action(async (words: string[], options: RunOptions) => {
    if (words.join('').trim() === '') throw new UsageError('ask: the question is empty');
    if (options.param.length > 0) throw new UsageError('--param belongs to a runbook: switchboard run <runbook>');
    await run(options, { prompt: words.join(' '), runbook: undefined });
  });

withRunOptions(program.command('resume').argument('<session>', 'id of a session whose run was interrupted'))
  .description('Goes on with a run that did not come to its end; nothing is sent twice.')
  .option('--runbook <file>', 'the Markdown file of its runbook, where it cannot be found by its name')
  .action(async (id: string, options: RunOptions & { readonly runbook?: string }) => {
    const { prompt, runbook } = await readInterrupted(records.sessionsFolder(), id);
    const bound =
      runbook === undefined
        ? undefined
        : await findRunbook(options.runbook ?? runbook.name, runbook.parameters, options);
    await run({ ...options, session: id }, { prompt, runbook: bound, resume: true });
  });

program
  .command('accept')
  .argument('<runbook>', 'name of a runbook, or a Markdown file')
  .description('Lets this runbook, as it is now, write what it declares itself; a changed one asks again.')
  .option('--param <name=value>', 'a parameter of the runbook; once for each', collect, [])
  .option('--workspace <folder>', 'whose runbook it may be', process.cwd())
  .action(async (name: string, { param, workspace }: Pick<RunOptions, 'param' | 'workspace'>) => {
    const bound = await findRunbook(name, parseParameters(param), { workspace });
    await requireStateFolder(stateFolder());
    process.stdout.write(await acceptRunbook(bound, stateFolder()));
  });

program
  .command('serve')
  .argument('<server>', servers.join(', '))
  .description('Runs one MCP server over stdio, for any MCP client.')
  .action(async (server: string) => {
    if (!servers.includes(server)) throw new UsageError(`There is no server '${server}': ${servers.join(', ')}.`);
    process.exitCode = await serve(join(distFolder, 'servers', `${server}.cjs`));
  });

program
  .command('doctor')
  .description('Tries every connection and says what is wrong.')
  .action(async () => {
    process.exitCode = await examine();
  });

const stateFolder = (): string => stateFolderOf(process.env, process.platform);
const records: RecordsPorts = {
  sessionsFolder: () => join(stateFolder(), 'sessions'),
  verifyAudit: (anchor) => verifyAudit(stateFolder(), anchor),
  readAudit: (filter) => readAudit(stateFolder(), filter),
  print: (text) => process.stdout.write(text),
  exit: (code) => {
    process.exitCode = code;
  },
};
addSessionCommands(program, records);
addAuditCommands(program, records);
addMcpCommands(program, {
  read: readFurtherServers,
  print: records.print,
  note: (line) => process.stderr.write(`${line}\n`),
  exit: records.exit,
  signal: () => {
    const cancel = new AbortController();
    cancelOnSignals(cancel);
    return cancel.signal;
  },
});

async function readFurtherServers(file: string, workspace: string): Promise<FurtherServers> {
  await requireWorkspace(workspace);
  const { further, signIn } = assemble({
    variables: process.env,
    settings: settingsOf(process.env),
    distFolder,
    stateFolder: stateFolder(),
    mcpConfig: { file, text: await readNamedFile('--mcp-config', file), variables: process.env },
    grants: [],
    workspace,
    report,
  });
  return {
    servers: further.servers.map((spec) => ({
      name: spec.title,
      id: spec.id,
      where: spec.kind === 'remote' ? spec.url : [spec.command, ...spec.args].join(' '),
      remote: spec.kind === 'remote',
    })),
    remarks: [...further.leftOut, ...further.notes],
    signIn: async (id, openBrowser, signal) => {
      const spec = further.servers.find((each) => each.id === id);
      if (spec?.kind !== 'remote') return { kind: 'failed', reason: 'it is not a server on the network' };
      return signIn(spec, openBrowser, signal);
    },
  };
}

async function findRunbook(
  nameOrFile: string,
  given: Parameters<typeof loadRunbook>[2],
  { workspace, acceptGrants = false }: Pick<RunOptions, 'workspace' | 'acceptGrants'>,
): ReturnType<typeof loadRunbook> {
  await requireWorkspace(workspace);
  const folders = {
    workspace: join(workspace, '.switchboard', 'runbooks'),
    own: join(stateFolder(), 'runbooks'),
    builtIn: join(distFolder, 'runbooks'),
  };
  const note = (line: string): void => void process.stderr.write(`switchboard: ${line}\n`);
  return loadRunbook(nameOrFile, folders, given, { note, acceptGrants });
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

async function run(options: RunOptions, job: Pick<StartRequest, 'prompt' | 'runbook' | 'resume'>): Promise<void> {
  await requireWorkspace(options.workspace);
  const variables = await withKey(process.env, hasClaude);
  const sinks = anchorSinksOf(process.env);
  await requireStateFolder(stateFolder());
  const grants = options.policy === undefined ? [] : await readPolicyFile(options.policy);
  const { mcpConfig } = options;
  const switchboard = assemble({
    variables,
    settings: settingsOf(process.env, options.budget),
    distFolder,
    stateFolder: stateFolder(),
    mcpConfig:
      mcpConfig === undefined
        ? undefined
        : { file: mcpConfig, text: await readNamedFile('--mcp-config', mcpConfig), variables: process.env },
    grants,
    workspace: options.workspace,
    report,
  });
  const cancel = new AbortController();
  const front = frontFor(options.output, () => cancel.abort());
  const release = cancelOnSignals(cancel);
  for (const line of [...switchboard.further.leftOut, ...switchboard.further.notes]) front.note(printableLine(line));
  // A run that needs a server of ours says itself that it is not there; of others only their tools would be missing.
  switchboard.hub.onState(({ trusted, state }) => {
    if (!trusted && state.status === 'failed') front.note(printableLine(state.reason));
  });
  try {
    const events = switchboard.start({
      ...job,
      session: options.session,
      attachments: [],
      acceptGrants: options.acceptGrants === true,
      ask: front.ask,
      signal: cancel.signal,
    });
    process.exitCode = exitCodeOf(await front.render(events));
  } finally {
    await switchboard.dispose();
    for (const problem of await keepAnchor(
      sinks,
      auditHeads(stateFolder()),
      process.env,
      createOutbound(process.env).fetch,
    ))
      front.note(problem);
    release();
  }
}

async function examine(): Promise<number> {
  anchorSinksOf(process.env);
  const key = await problemOr(() => withKey(process.env, hasClaude));
  const state = await problemOr(() => requireStateFolder(stateFolder()));
  const switchboard = assemble({
    variables: key.value ?? process.env,
    settings: settingsOf(process.env),
    distFolder,
    stateFolder: stateFolder(),
    mcpConfig: undefined,
    grants: [],
    workspace: undefined,
    report,
  });
  try {
    const tried = await switchboard.probeAll(AbortSignal.timeout(30_000));
    const { lines, exitCode } = diagnose([
      ...tried.map((each) =>
        each.id === 'claude' && key.problem !== undefined ? wrongSetting(each.title, key.problem) : each,
      ),
      ...(state.problem === undefined ? [] : [wrongSetting('State folder', state.problem)]),
    ]);
    for (const line of lines) process.stdout.write(`${line}\n`);
    return exitCode;
  } finally {
    await switchboard.dispose();
  }
}

/** A setting that is wrong is one finding among others. */
async function problemOr<Value>(
  read: () => Promise<Value>,
): Promise<{ readonly value?: Value; readonly problem?: string }> {
  try {
    return { value: await read() };
  } catch (error) {
    if (error instanceof SettingsError) return { problem: error.message };
    throw error;
  }
}

function report(error: unknown): void {
  process.stderr.write(`switchboard: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
}

async function main(): Promise<void> {
  try {
    await program.parseAsync();
  } catch (error) {
    if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
    else fail(error);
  }
}

function fail(error: unknown): void {
  const usage = error instanceof UsageError || error instanceof McpConfigError;
  // What the system says of a file is plain as it is: ENOTDIR: not a directory, scandir '/dev/null/x'.
  const ofSystem = error instanceof Error && 'syscall' in error;
  const known =
    usage || ofSystem || error instanceof SettingsError || (error instanceof Error && error.name === 'SessionError');
  const message = error instanceof Error ? ((known ? undefined : error.stack) ?? error.message) : String(error);
  process.stderr.write(`switchboard: ${message}\n`);
  process.exitCode = usage
    ? exitCodes.usage
    : error instanceof SettingsError
      ? exitCodes.configuration
      : exitCodes.failed;
}

void main();
