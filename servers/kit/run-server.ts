import { Console } from 'node:console';
import { join } from 'node:path';
import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { CallToolRequestSchema, ListToolsRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { metaKeys, stopNotificationSchema } from '../contract/meta.ts';
import { createAuditWriter } from '../contract/audit/writer.ts';
import { createCallAudit, type CallAudit } from './audit.ts';
import { createCallSignals } from './cancellation.ts';
import { callTool } from './call-tool.ts';
import type { Tool } from './define-tool.ts';
import { describeTool, type ToolDescription } from './describe-tool.ts';
import type { Variables } from './environment.ts';
import { ConfigurationError } from './errors.ts';
import { createFileLedgerStore } from './ledger-store.ts';
import { createLedger, type Ledger } from './ledger.ts';
import { createLog, type Log } from './log.ts';
import { handleOffers, offerCapabilities, type Offers } from './resources-and-prompts.ts';
import { createToolLimits, type ToolLimits } from './rate-limit.ts';
import { proxySecrets } from '../contract/network/proxy-choice.ts';
import { createRedactor, type Redact } from '../contract/redact.ts';
import { stateDirectory } from './state-directory.ts';

/** Everything that defines one of our servers; `main.ts` passes it to `runServer`. */
export interface ServerDefinition<Connection> {
  /** Short id, which hosts also use as the tool prefix: "postgres". */
  readonly name: string;
  readonly title: string;
  readonly version: string;
  /** Instructions for the model: a few lines. */
  readonly instructions: string;
  readonly tools: readonly Tool<Connection>[];
  /**
   * Pass arguments of reads to the tools unchanged: a database password may also be an ordinary word in a query.
   * Otherwise, and always for writes, secrets in arguments are masked.
   */
  readonly readsVerbatim?: true;
  /** Resources, prompts and completions, if the server has any. */
  readonly offers?: Offers<Connection>;
  /**
   * Reads and validates the settings. Opens nothing yet.
   * @throws ConfigurationError with one line that names the variable and what is expected.
   */
  readonly configure: (variables: Variables) => Promise<Configured<Connection>>;
}

export interface Configured<Connection> {
  /** Live secret values, masked wherever they appear. */
  readonly secrets: readonly string[];
  /** Creates the client or pool. Must not fail when upstream is down: tools report that when called. */
  readonly connect: (io: { log: Log; redact: Redact }) => Connection;
  readonly dispose: (connection: Connection) => Promise<void>;
}

/** EX_CONFIG of sysexits.h: a supervisor must not restart a server with invalid settings. */
const exitConfiguration = 78;
const parentPollMs = 2000;
const disposeLimitMs = 2000;
/**
 * How long shutdown waits for writes in progress, so that their responses are recorded. MCP SDK clients kill the server
 * 4 s after closing stdin. A write cut off by that is in the ledger as sending, and the next call with its key searches
 * for it.
 */
const writesLimitMs = 3500;
const maxFrameSize = 4 * 1024 * 1024;

/** Runs a server over stdio until stdin ends, the parent dies or a signal arrives. Exits the process itself. */
export async function runServer<Connection>(definition: ServerDefinition<Connection>): Promise<void> {
  keepStdoutForFrames();
  const [configured, limits] = await orExit(definition.name, async () => [
    await definition.configure(process.env),
    createToolLimits(definition.tools, process.env['SWITCHBOARD_RATE_LIMITS']),
  ]);
  const redact = createRedactor([...configured.secrets, ...proxySecrets(process.env)]);
  const log = createLog(definition.name, process.env['SWITCHBOARD_LOG'] === 'debug' ? 'debug' : 'warn', redact);
  const connection = configured.connect({ log, redact });
  const stopping = new AbortController();
  const stateFolder = stateDirectory(process.env);
  const ledger = createLedger(createFileLedgerStore(join(stateFolder, 'ledger', definition.name)), log);
  const writer = createAuditWriter({
    stateFolder,
    writer: definition.name,
    report: (error) => log('error', 'cannot write the audit log', { error: String(error) }),
  });
  const audit = createCallAudit({ writer, server: definition.name, redact, log });
  const writes = new Set<Promise<unknown>>();
  const kit: Kit = { log, redact, ledger, limits, audit, stopping: stopping.signal, writes };
  const server = createProtocolServer(definition, connection, kit);

  const stop = onceOnly(async (code: number, reason: string) => {
    log('info', 'stopping', { reason });
    stopping.abort(new Error(reason));
    const limitMs = writes.size > 0 ? writesLimitMs : disposeLimitMs;
    const ending = Promise.allSettled(writes).then(() => configured.dispose(connection));
    const failed = ending.catch((error: unknown) => log('warn', 'shutdown failed', { error: String(error) }));
    await Promise.race([failed, delay(limitMs)]);
    process.exit(code);
  });
  watchForTheEnd(stop, log);
  await server.connect(new StdioServerTransport(process.stdin, process.stdout, { maxBufferSize: maxFrameSize }));
  server.onclose = () => stop(0, 'connection closed');
  log('info', 'ready', { version: definition.version });
}

interface Kit {
  readonly log: Log;
  readonly redact: Redact;
  readonly ledger: Ledger;
  readonly limits: ToolLimits;
  readonly audit: CallAudit;
  readonly stopping: AbortSignal;
  /** Write calls in progress. */
  readonly writes: Set<Promise<unknown>>;
}

function createProtocolServer<Connection>(definition: ServerDefinition<Connection>, connection: Connection, kit: Kit) {
  const { stopping, writes, ...rest } = kit;
  const shared = { ...rest, readsVerbatim: definition.readsVerbatim === true };
  const { log } = kit;
  const server = new Server(
    { name: `switchboard-${definition.name}`, title: definition.title, version: definition.version },
    {
      capabilities: { tools: {}, ...(definition.offers !== undefined && offerCapabilities(definition.offers)) },
      instructions: definition.instructions,
    },
  );
  if (definition.offers !== undefined) handleOffers(server, definition.offers, connection, kit.redact);
  server.onerror = (error) => log('warn', 'protocol error', { error: error.message });
  const tools = new Map(definition.tools.map((tool) => [tool.name, tool]));
  let described: ToolDescription[] | undefined;
  server.setRequestHandler(ListToolsRequestSchema, () => ({
    tools: (described ??= definition.tools.map(describeTool)),
  }));
  const calls = createCallSignals(stopping);
  server.setNotificationHandler(stopNotificationSchema, ({ params }) => {
    calls.stop(params.call);
  });
  server.setRequestHandler(CallToolRequestSchema, (request, extra) => {
    const token = request.params._meta?.progressToken;
    const call = calls.begin(extra.signal, request.params._meta?.[metaKeys.call]);
    let reports = 0;
    const answered = callTool(
      {
        name: request.params.name,
        arguments: request.params.arguments,
        meta: request.params._meta,
        signal: call.signal,
        progress: (message, done, total) => {
          if (token === undefined) return;
          reports += 1; // the specification requires a number that increases with every report
          const params = {
            progressToken: token,
            progress: done ?? reports,
            message,
            ...(total !== undefined && { total }),
          };
          void extra.sendNotification({ method: 'notifications/progress', params }).catch((error: unknown) => {
            log('warn', 'cannot send progress', { error: String(error) });
          });
        },
      },
      { tools, connection, ...shared },
    ).finally(() => {
      call.end();
      writes.delete(answered);
    });
    if (tools.get(request.params.name)?.risk !== 'read') writes.add(answered);
    return answered;
  });
  return server;
}

async function orExit<Result>(server: string, configure: () => Promise<Result>): Promise<Result> {
  try {
    return await configure();
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    process.stderr.write(`switchboard-${server}: ${error.message}\n`);
    process.exit(exitConfiguration);
  }
}

/** A library that logs with console.log would break the framing. */
function keepStdoutForFrames(): void {
  globalThis.console = new Console(process.stderr, process.stderr);
}

function watchForTheEnd(stop: (code: number, reason: string) => void, log: Log): void {
  process.stdin.on('end', () => stop(0, 'stdin ended'));
  process.stdin.on('close', () => stop(0, 'stdin closed'));
  process.stdout.on('error', () => stop(0, 'stdout is gone'));
  // Unhandled, this would become an uncaught exception, be logged to the same broken pipe, and loop.
  process.stderr.on('error', () => stop(0, 'stderr is gone'));
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => stop(0, signal));
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) stop(0, 'the parent process is gone');
  }, parentPollMs).unref();
  const die = (error: unknown): void => {
    log('error', 'unexpected failure', {
      error: error instanceof Error ? (error.stack ?? error.message) : String(error),
    });
    stop(1, 'unexpected failure');
  };
  process.on('uncaughtException', die);
  process.on('unhandledRejection', die);
}

function onceOnly(run: (code: number, reason: string) => Promise<void>): (code: number, reason: string) => void {
  let started = false;
  return (code, reason) => {
    if (started) return;
    started = true;
    void run(code, reason);
  };
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
