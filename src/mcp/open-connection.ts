import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { McpError } from '@modelcontextprotocol/sdk/types.js';
import { ChildTransport, describeExit } from './child-transport.ts';
import { Connection, RefusedServerError, type ConnectionOptions } from './connection.ts';
import type { ServerSpec } from './server-specs.ts';

export interface OpeningOptions extends ConnectionOptions {
  /** Ours, told to the server. */
  readonly version: string;
  /** How long the process may take to end once its stdin has ended. */
  readonly endMs: number;
}

export type Opened =
  | { readonly kind: 'open'; readonly connection: Connection }
  | {
      readonly kind: 'not-open';
      /** For a person, one line. */
      readonly reason: string;
      /** `settings`: another try with the same settings ends the same. `start`: the command cannot be run, does not answer, or offers what cannot be used. */
      readonly cause: 'settings' | 'start' | 'crash' | 'cancelled';
    };

/** EX_CONFIG of sysexits.h: what our servers exit with when a setting is missing or wrong. */
const exitConfiguration = 78;

/** Starts a server and reads its tools. Contract: never rejects; when it does not open, no process is left. */
export async function openConnection(spec: ServerSpec, options: OpeningOptions, signal: AbortSignal): Promise<Opened> {
  if (signal.aborted) return { kind: 'not-open', cause: 'cancelled', reason: 'cancelled' };
  let lastLine = '';
  const transport = new ChildTransport(spec, {
    endMs: options.endMs,
    onLine: (line) => {
      if (line.trim() !== '') lastLine = line;
      options.onLine(line);
    },
  });
  const client = new Client({ name: 'switchboard', title: 'Switchboard', version: options.version });
  client.onerror = (error) => options.onLine(`[protocol] ${error.message}`);
  const connection = new Connection(spec, client, transport, options);
  const late = AbortSignal.timeout(options.startMs);
  const starting = AbortSignal.any([signal, late]);
  try {
    await client.connect(transport, { signal: starting, timeout: options.startMs * 2 });
    await connection.refreshTools(starting);
    return { kind: 'open', connection };
  } catch (error) {
    const endedByItself = transport.ended;
    await transport.close();
    if (signal.aborted) return { kind: 'not-open', cause: 'cancelled', reason: 'cancelled' };
    if (error instanceof RefusedServerError) return { kind: 'not-open', cause: 'start', reason: error.message };
    if (late.aborted) {
      const reason = `${spec.title} did not answer within ${options.startMs / 1000} s of its start`;
      return { kind: 'not-open', cause: 'start', reason };
    }
    const refused = !endedByItself && error instanceof McpError ? error.message : undefined;
    return whyNotOpen(spec, transport, { error, refused, lastLine });
  }
}

interface Symptoms {
  readonly error: unknown;
  /** The server's own error to our first requests; the process was then ended by us. */
  readonly refused: string | undefined;
  readonly lastLine: string;
}

async function whyNotOpen(spec: ServerSpec, transport: ChildTransport, symptoms: Symptoms): Promise<Opened> {
  const { error, refused, lastLine } = symptoms;
  if (transport.pid === undefined) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    const reason = code === 'ENOENT' ? `'${spec.command}' was not found` : code;
    const hint = process.platform === 'win32' ? ' (on Windows npx is started as "cmd" with "/c", "npx")' : '';
    return { kind: 'not-open', cause: 'start', reason: `${spec.title} cannot be started: ${reason}${hint}` };
  }
  const exit = await transport.exited;
  if (exit.code === exitConfiguration) {
    // Our servers begin the line with their own name, which whoever reads this knows.
    const said = lastLine.replace(/^switchboard-[a-z]+: /, '');
    const reason = `${spec.title}: ${said === '' ? 'a setting is missing or wrong' : said}`;
    return { kind: 'not-open', cause: 'settings', reason };
  }
  const how = refused === undefined ? describeExit(exit) : `refused to start: ${refused}`;
  const said = lastLine === '' ? '' : `; its last words: ${lastLine.slice(0, 500)}`;
  return { kind: 'not-open', cause: 'crash', reason: `${spec.title} ${how}${said}` };
}
