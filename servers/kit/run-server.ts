import { proxySecrets } from '../contract/network/proxy-choice.ts';
import { createRedactor, type Redactor } from '../contract/redact.ts';
import { openTracing } from '../contract/telemetry/open-tracing.ts';
import { tracingSecrets } from '../contract/telemetry/settings.ts';
import type { Tracing } from '../contract/telemetry/tracing.ts';
import { createCallAudit } from './audit.ts';
import type { Caller, Places } from './caller/caller.ts';
import type { Variables } from './environment.ts';
import { ConfigurationError } from './errors.ts';
import { readHttpOption } from './http/option.ts';
import { createLedger } from './ledger.ts';
import { createLog, type Log } from './log.ts';
import type { Pauses } from './pauses.ts';
import { createProtocol, type Served } from './protocol.ts';
import { createToolLimits } from './rate-limit.ts';
import { openLocalState } from './state/local-state.ts';
import { stateDirectory } from './state/state-directory.ts';
import { readStateUrl } from './state/state-url.ts';
import type { MakeLimiter, State } from './state/state.ts';
import { countCalls, countRefusals } from './telemetry/counted.ts';
import type { Telemetry } from './telemetry/telemetry.ts';
import { noMetrics } from './telemetry/metrics.ts';
import { keepStdoutForFrames, serveStdio, watchTheHost } from './stdio.ts';

/** Everything that defines one of our servers; `main.ts` passes it to `runServer`. */
export interface ServerDefinition<Connection> extends Served<Connection> {
  /** Settings with another default where many people share the server. */
  readonly overHttp?: Variables;
  /**
   * Reads and validates the settings. Opens nothing yet.
   * @throws ConfigurationError with one line that names the variable and what is expected.
   */
  readonly configure: (variables: Variables) => Promise<Configured<Connection>>;
}

/** What a server's client or pool is made with. */
export interface ConnectIo {
  readonly log: Log;
  readonly redact: Redactor;
  readonly limiter: MakeLimiter;
  readonly pauses: Pauses;
  readonly telemetry: Telemetry;
}

export interface Configured<Connection> {
  /** Live secret values, masked wherever they appear. */
  readonly secrets: readonly string[];
  /** Creates the client or pool. Must not fail when upstream is down: tools report that when called. */
  readonly connect: (io: ConnectIo) => Connection;
  /** Where callers act as themselves. */
  readonly personal?: Personal<Connection>;
  /** The same connection for a caller whose groups may use only some places. */
  readonly narrow: (connection: Connection, places: Places) => Connection;
  readonly dispose: (connection: Connection) => Promise<void>;
}

export interface Personal<Connection> {
  /** The variable that says so, for messages. */
  readonly variable: string;
  /** What callers write is theirs upstream, too. Otherwise their texts say for whom they are. */
  readonly writesAsCaller: boolean;
  /**
   * @param shared what `connect` made.
   * @returns the connection of a caller, before their groups narrow it. @throws ToolError for one who has none.
   */
  readonly open: (shared: Connection, io: ConnectIo) => (caller: Caller) => Connection;
}

/** EX_CONFIG of sysexits.h: a supervisor must not restart a server with invalid settings. */
const exitConfiguration = 78;
/** Two of each caller whose client is kept. */
const secretsOfCallers = 400;
const disposeLimitMs = 2000;
/**
 * How long shutdown waits for writes in progress, so that their responses are recorded. MCP SDK clients kill the server
 * 4 s after closing stdin. A write cut off by that is in the ledger as sending, and the next call with its key searches
 * for it.
 */
const writesLimitMs = 3500;

/**
 * Runs a server: over stdio until stdin ends, the parent dies or a signal arrives; with `--http HOST:PORT` until a
 * signal arrives. Exits the process itself.
 */
export async function runServer<Connection extends object>(definition: ServerDefinition<Connection>): Promise<void> {
  keepStdoutForFrames();
  const { configured, stateUrl, http } = await orExit(definition.name, () => configure(definition));
  const secrets = [...configured.secrets, ...(stateUrl?.secrets ?? []), ...proxySecrets(process.env)];
  const redact = createRedactor(
    [...secrets, ...tracingSecrets(process.env)],
    configured.personal === undefined ? undefined : secretsOfCallers,
  );
  const { log, tracing } = await openLog(definition, redact);
  const metrics = http?.metrics ?? noMetrics;
  const { state, limits } = await orExit(definition.name, async () => {
    const opened = await openState(definition.name, stateUrl?.url, http !== undefined, log);
    metrics.watchState(opened.health);
    if (opened.load !== undefined) metrics.watchPool('state', opened.load);
    const setting = process.env['SWITCHBOARD_RATE_LIMITS'];
    const counted = countRefusals(createToolLimits(definition.tools, setting, opened.limiter), metrics);
    return { state: opened, limits: counted };
  });
  const io = { log, redact, limiter: state.limiter, pauses: state.pauses, telemetry: { metrics, tracing } };
  const connection = configured.connect(io);
  const stopping = new AbortController();
  const ledger = createLedger(state.ledger, log, metrics.ledgerWaited);
  const audit = countCalls(createCallAudit({ writer: state.audit, server: definition.name, redact, log }), metrics);
  const writes = new Set<Promise<unknown>>();
  const { publishStop } = state;
  const namesCallers = configured.personal?.writesAsCaller !== true;
  const kit = {
    log,
    redact,
    ledger,
    limits,
    audit,
    tracing,
    stopping: stopping.signal,
    writes,
    publishStop,
    namesCallers,
  };
  const protocol = createProtocol(definition, kit);
  state.onStop(protocol.stopNamed);

  let drain: () => Promise<void> = () => Promise.resolve();
  const stop = createStop(
    { log, drain: () => drain(), stopping, writes, limitMs: http?.writesLimitMs ?? writesLimitMs },
    async () => {
      await configured.dispose(connection);
      await Promise.all([state.close(), tracing.close()]);
    },
  );
  watchForTheEnd(stop, log);
  if (http === undefined) {
    watchTheHost(stop);
    await serveStdio(protocol, connection, log, () => stop(0, 'connection closed'));
  } else {
    const { personal, narrow } = configured;
    const connectionOf = personal === undefined ? () => connection : personal.open(connection, io);
    drain = await orExit(definition.name, () => http.serve(protocol, { connectionOf, narrow }, { log, audit }));
  }
  log('info', 'ready', { version: definition.version });
}

/** @throws ConfigurationError */
async function configure<Connection>(definition: ServerDefinition<Connection>) {
  const address = readHttpOption(process.argv.slice(2));
  const variables = address === undefined ? process.env : { ...definition.overHttp, ...process.env };
  const own = await definition.configure(variables);
  const url = await readStateUrl(variables);
  // A bundle of its own: over stdio it is never read.
  const service =
    address === undefined
      ? undefined
      : await (await import('./http/service.ts')).configureHttp(address, definition, variables);
  if (own.personal !== undefined && service?.knowsCallers !== true)
    throw new ConfigurationError(
      `${own.personal.variable} depends on the caller: start with --http, and set SWITCHBOARD_HTTP_ISSUER or SWITCHBOARD_HTTP_TOKENS_FILE`,
    );
  return { configured: own, stateUrl: url, http: service };
}

/** The lines of the log say to which trace they belong. */
async function openLog(
  { name, version }: { readonly name: string; readonly version: string },
  redact: Redactor,
): Promise<{ log: Log; tracing: Tracing }> {
  let current: Tracing['current'] = () => undefined;
  const threshold = process.env['SWITCHBOARD_LOG'] === 'debug' ? 'debug' : 'warn';
  const log = createLog(name, threshold, redact, () => current());
  const report = (message: string): void => log('warn', message);
  const tracing = await openTracing({ service: `switchboard-${name}`, version, variables: process.env, report });
  ({ current } = tracing);
  return { log, tracing };
}

interface Ending {
  readonly log: Log;
  readonly drain: () => Promise<void>;
  readonly stopping: AbortController;
  readonly writes: ReadonlySet<Promise<unknown>>;
  /** How long writes in progress have. */
  readonly limitMs: number;
}

/** Ends the process, once: what runs is told, writes are awaited, then everything is closed. */
function createStop(
  { log, drain, stopping, writes, limitMs }: Ending,
  close: () => Promise<void>,
): (code: number, reason: string) => void {
  return onceOnly(async (code, reason) => {
    log('info', 'stopping', { reason });
    await drain();
    stopping.abort(new Error(reason));
    const limit = writes.size > 0 ? limitMs : disposeLimitMs;
    const ending = Promise.allSettled(writes).then(close);
    const failed = ending.catch((error: unknown) => log('warn', 'shutdown failed', { error: String(error) }));
    await Promise.race([failed, delay(limit)]);
    process.exit(code);
  });
}

async function openState(server: string, url: string | undefined, isShared: boolean, log: Log): Promise<State> {
  if (url === undefined) return openLocalState(server, stateDirectory(process.env), isShared, log);
  // A bundle of its own, with the client of PostgreSQL.
  const { openSharedState } = await import('./state/shared-state.ts');
  return openSharedState(url, server, log);
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

function watchForTheEnd(stop: (code: number, reason: string) => void, log: Log): void {
  // Unhandled, this would become an uncaught exception, be logged to the same broken pipe, and loop.
  process.stderr.on('error', () => stop(0, 'stderr is gone'));
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => stop(0, signal));
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
