import { join } from 'node:path';
import process from 'node:process';
import { CommanderError } from 'commander';
import { systems } from '../servers/contract/systems.ts';
import { assemble, auditHeads, createOutbound, hasClaude, readAudit, verifyAudit, version } from './assemble.ts';
import { distFolder, findRunbook, readMcpFile, report, stateFolder } from './command-line.ts';
import type { StartRequest } from './switchboard.ts';
import { acceptRunbook } from './terminal/commands/accept-runbook.ts';
import { cancelOnSignals } from './terminal/cancel-on-signals.ts';
import { describeFailure } from './terminal/describe-failure.ts';
import { diagnose, wrongSetting } from './terminal/commands/doctor.ts';
import { exitCodeOf } from './terminal/exit-code.ts';
import { exitCodes, SettingsError, UsageError } from './terminal/exit-codes.ts';
import { frontFor } from './terminal/front-for.ts';
import {
  parseParameters,
  readInterrupted,
  noPolicy,
  readPolicyFile,
  requireStateFolder,
  requireWorkspace,
  settingsOf,
} from './terminal/options.ts';
import { noteServers } from './terminal/note-servers.ts';
import { readOccasion } from './terminal/occasion-option.ts';
import type { FurtherServers } from './terminal/commands/mcp-commands.ts';
import { createProgram, type Actions, type RunOptions } from './terminal/program.ts';
import { withKey, withRemoteSecrets } from './terminal/read-key.ts';
import type { RecordsPorts } from './terminal/commands/records-commands.ts';
import { anchorSinksOf, keepAnchor } from './terminal/send-audit-anchor.ts';
import { serve } from './terminal/commands/serve.ts';
import { stateDatabase } from './terminal/commands/state-database.ts';
import { readUndo } from './terminal/commands/undo-command.ts';
import { work } from './work.ts';

const servers: readonly string[] = systems.map(({ id }) => id);

const records: RecordsPorts = {
  sessionsFolder: () => join(stateFolder(), 'sessions'),
  audit: (state) =>
    state === undefined
      ? {
          verify: (anchor) => verifyAudit(stateFolder(), anchor),
          read: (filter) => readAudit(stateFolder(), filter),
        }
      : stateDatabase(state, process.env),
  print: (text) => process.stdout.write(text),
  exit: (code) => {
    process.exitCode = code;
  },
};
const actions: Actions = {
  run: async (name, options) => {
    const occasion = readOccasion(options);
    const runbook = await findRunbook(name, parseParameters(options.param), options);
    await run(options, { prompt: runbook.runbook.title, runbook }, occasion);
  },
  ask: async (words, options) => {
    if (words.join('').trim() === '') throw new UsageError('ask: the question is empty');
    if (options.param.length > 0) throw new UsageError('--param belongs to a runbook: switchboard run <runbook>');
    await run(options, { prompt: words.join(' '), runbook: undefined });
  },
  resume: async (id, options) => {
    const { prompt, runbook } = await readInterrupted(records.sessionsFolder(), id);
    const bound =
      runbook === undefined
        ? undefined
        : await findRunbook(options.runbook ?? runbook.name, runbook.parameters, options);
    await run({ ...options, session: id }, { prompt, runbook: bound, resume: true });
  },
  undo: async (session, which, options) => {
    const job = await readUndo(records.sessionsFolder(), session, which);
    if ('list' in job) records.print(job.list);
    else await run({ ...options, session: job.session }, job);
  },
  accept: async (name, { param, workspace }) => {
    const bound = await findRunbook(name, parseParameters(param), { workspace });
    await requireStateFolder(stateFolder());
    process.stdout.write(await acceptRunbook(bound, stateFolder()));
  },
  serve: async (server, { http }) => {
    if (!servers.includes(server)) throw new UsageError(`There is no server '${server}': ${servers.join(', ')}.`);
    process.exitCode = await serve(join(distFolder, 'servers', `${server}.cjs`), http);
  },
  worker: async (options) => {
    const stop = new AbortController();
    const release = cancelOnSignals(stop);
    await work(options, stop.signal);
    release();
  },
  doctor: async ({ mcpConfig }) => {
    process.exitCode = await examine(mcpConfig);
  },
  records,
  state: {
    migrate: async (state, roles) => (await stateDatabase(state, process.env)).migrate(roles),
    print: records.print,
  },
  mcp: {
    read: readFurtherServers,
    print: records.print,
    note: (line) => process.stderr.write(`${line}\n`),
    exit: records.exit,
    signal: () => {
      const cancel = new AbortController();
      cancelOnSignals(cancel);
      return cancel.signal;
    },
  },
};
const program = createProgram(version, servers, actions);

async function readFurtherServers(file: string | undefined, workspace: string): Promise<FurtherServers> {
  await requireWorkspace(workspace);
  const { further, remotes, signIn } = assemble({
    variables: await withRemoteSecrets(process.env),
    settings: settingsOf(process.env),
    distFolder,
    stateFolder: stateFolder(),
    mcpConfig: await readMcpFile(file),
    grants: [],
    workspace,
    report,
  });
  const own = remotes.filter(({ trusted }) => trusted);
  return {
    servers: [...own, ...further.servers].map((spec) => ({
      name: spec.title,
      id: spec.id,
      where: spec.kind === 'remote' ? spec.url : [spec.command, ...spec.args].join(' '),
      remote: spec.kind === 'remote',
    })),
    remarks: [...further.leftOut, ...further.notes],
    signIn: async (id, openBrowser, signal) => {
      const spec = remotes.find((each) => each.id === id);
      if (spec === undefined) return { kind: 'failed', reason: 'it is not a remote server' };
      return signIn(spec, openBrowser, signal);
    },
  };
}

type Job = Pick<StartRequest, 'prompt' | 'runbook' | 'resume' | 'calls' | 'undoes'>;

async function run(options: RunOptions, job: Job, occasion = ''): Promise<void> {
  await requireWorkspace(options.workspace);
  // Calls that a person asked for need no model.
  const keyed = job.calls === undefined ? await withKey(process.env, hasClaude) : process.env;
  const variables = await withRemoteSecrets(keyed);
  const sinks = anchorSinksOf(process.env);
  await requireStateFolder(stateFolder());
  const policy = options.policy === undefined ? noPolicy : await readPolicyFile(options.policy);
  // A bundle of its own, with the client of PostgreSQL.
  const state = occasion === '' ? undefined : await (await import('./service/run-state.ts')).openRunState(process.env);
  const switchboard = assemble({
    sessions: state?.sessions,
    variables,
    settings: settingsOf(process.env, options.budget),
    distFolder,
    stateFolder: stateFolder(),
    mcpConfig: await readMcpFile(options.mcpConfig),
    grants: policy.grants,
    workspace: options.workspace,
    report,
  });
  const cancel = new AbortController();
  const front = frontFor(options.output, () => cancel.abort());
  const release = cancelOnSignals(cancel);
  const asksElsewhere = front.ask === undefined && policy.approvals.length > 0;
  // A bundle of its own, with the client of PostgreSQL.
  const { openDesk } = asksElsewhere ? await import('./service/approvals/open-desk.ts') : { openDesk: undefined };
  const desk = await openDesk?.(policy.approvals, process.env, report, occasion);
  noteServers(switchboard, front.note);
  try {
    const request = {
      ...job,
      session: options.session,
      attachments: [],
      traceparent: process.env['TRACEPARENT'],
      acceptGrants: options.acceptGrants === true,
      ask: front.ask,
      away: desk?.away,
      askForServer: front.askForServer,
      signal: cancel.signal,
    };
    const work = { ...front, ...switchboard, exitCodeOf, request };
    process.exitCode =
      state === undefined
        ? exitCodeOf(await front.render(switchboard.start(request)))
        : await state.run(occasion, work);
  } finally {
    await switchboard.dispose();
    await desk?.close();
    await state?.close();
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

async function examine(mcpConfig: string | undefined): Promise<number> {
  anchorSinksOf(process.env);
  const key = await problemOr(() => withKey(process.env, hasClaude));
  const remote = await problemOr(() => withRemoteSecrets(key.value ?? process.env));
  const state = await problemOr(() => requireStateFolder(stateFolder()));
  const switchboard = assemble({
    variables: remote.value ?? key.value ?? process.env,
    settings: settingsOf(process.env),
    distFolder,
    stateFolder: stateFolder(),
    mcpConfig: await readMcpFile(mcpConfig),
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
      ...(remote.problem === undefined ? [] : [wrongSetting('Sign-in to remote servers', remote.problem)]),
      ...(state.problem === undefined ? [] : [wrongSetting('State folder', state.problem)]),
    ]);
    for (const line of lines) process.stdout.write(`${line}\n`);
    return exitCode;
  } finally {
    await switchboard.dispose();
  }
}

/** An invalid setting is one finding among others. */
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

async function main(): Promise<void> {
  try {
    await program.parseAsync();
  } catch (error) {
    if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
    else fail(error);
  }
}

function fail(error: unknown): void {
  const { message, exitCode } = describeFailure(error);
  process.stderr.write(`switchboard: ${message}\n`);
  process.exitCode = exitCode;
}

void main();
