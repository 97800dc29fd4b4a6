import { unconfined } from './child/confinement.ts';
import { ChildTransport } from './child-transport.ts';
import { describeEnd } from './client/link.ts';
import { isRefusedRequest, type ClientIdentity, type McpClient } from './client/mcp-client.ts';
import { createClientV1 } from './client/sdk-v1.ts';
import { Connection, type ConnectionOptions } from './connection.ts';
import { openRemote, type RemoteOptions } from './remote/open-remote.ts';
import { establish, type Opened } from './opened.ts';
import type { ChildRegister } from './orphans.ts';
import type { ChildSpec, ServerSpec } from './server-specs.ts';

export interface OpeningOptions extends ConnectionOptions, ClientIdentity, RemoteOptions {
  readonly register?: ChildRegister | undefined;
  /** Called with the reason when a server of ours had to be started without its restrictions. */
  readonly onUnconfined: (why: string) => void;
  /** How long the process may take to exit once stdin is closed. */
  readonly endMs: number;
}

/** EX_CONFIG in sysexits.h: our servers' exit code when a setting is missing or invalid. */
const exitConfiguration = 78;
/** Node's exit code for an option that it does not know. */
const exitBadOption = 9;

/** In revision 2026-07-28: the server supports none of the requested versions. */
const unsupportedVersion = -32_022;

/** Connects to a server and reads its tools. Contract: never rejects; on failure no process is left running. */
export async function openConnection(spec: ServerSpec, options: OpeningOptions, signal: AbortSignal): Promise<Opened> {
  if (signal.aborted) return { kind: 'not-open', cause: 'cancelled', reason: 'cancelled' };
  if (spec.kind === 'remote') return openRemote(spec, options, signal);
  const opened = await openLocal(spec, options, signal);
  if (spec.confinement?.kind !== 'on' || opened.kind === 'open' || opened.exitCode !== exitBadOption) return opened;
  const why = `this runtime does not accept ${spec.confinement.flags[0] ?? 'its flags'}`;
  options.onLine(`[supervisor] ${spec.title} is started without restrictions: ${why}`);
  options.onUnconfined(why);
  return openLocal(unconfined(spec, why), options, signal);
}

async function openLocal(spec: ChildSpec, options: OpeningOptions, signal: AbortSignal): Promise<Opened> {
  const first = await openChild(spec, options, signal, async (transport) => createClientV1(transport, options));
  if (first.kind !== 'other-era') return first;
  // Loaded only for those servers.
  const { createClientV2 } = await import('./client/sdk-v2.ts');
  const second = await openChild(spec, options, signal, (transport) => createClientV2(transport, options));
  if (second.kind !== 'other-era') return second;
  return { kind: 'not-open', cause: 'start', reason: `${spec.title} speaks no version of MCP that Switchboard knows` };
}

async function openChild(
  spec: ChildSpec,
  options: OpeningOptions,
  signal: AbortSignal,
  createClient: (transport: ChildTransport) => McpClient | Promise<McpClient>,
): Promise<Opened | { readonly kind: 'other-era' }> {
  let lastLine = '';
  const transport = new ChildTransport(spec, {
    endMs: options.endMs,
    register: options.register,
    onLine: (line) => {
      if (line.trim() !== '') lastLine = line;
      options.onLine(line);
    },
  });
  const client = await createClient(transport);
  client.onFault((message) => options.onLine(`[protocol] ${message}`));
  const connection = new Connection(spec, client, transport, options);
  let endedByItself = false;
  const close = (): Promise<void> => {
    endedByItself = transport.ended;
    return transport.close();
  };
  const tried = await establish({ client, connection, signal, startMs: options.startMs, close });
  if (tried.kind !== 'fault') return tried;
  const { error, isLate } = tried;
  if (isLate) {
    const reason = `${spec.title} did not respond within ${options.startMs / 1000} s of starting`;
    return { kind: 'not-open', cause: 'start', reason };
  }
  if (isRefusedRequest(error) && error.code === unsupportedVersion) return { kind: 'other-era' };
  const refused = !endedByItself && isRefusedRequest(error) ? error.message : undefined;
  return whyNotOpen(spec, transport, { error, refused, lastLine });
}

interface Symptoms {
  readonly error: unknown;
  /** The server's own error on our first requests, after which we ended the process. */
  readonly refused: string | undefined;
  readonly lastLine: string;
}

async function whyNotOpen(spec: ChildSpec, transport: ChildTransport, symptoms: Symptoms): Promise<Opened> {
  const { error, refused, lastLine } = symptoms;
  if (transport.pid === undefined) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    const reason = code === 'ENOENT' ? `'${spec.command}' was not found` : code;
    const hint = process.platform === 'win32' ? ' (on Windows npx is started as "cmd" with "/c", "npx")' : '';
    return { kind: 'not-open', cause: 'start', reason: `${spec.title} cannot be started: ${reason}${hint}` };
  }
  const exit = await transport.exited;
  if (exit.code === exitConfiguration) {
    // Our servers start the line with their own name, which the reader already knows.
    const said = lastLine.replace(/^switchboard-[a-z]+: /, '');
    const reason = `${spec.title}: ${said === '' ? 'a setting is missing or wrong' : said}`;
    return { kind: 'not-open', cause: 'settings', reason };
  }
  const how = refused === undefined ? describeEnd(exit) : `refused to start: ${refused}`;
  const said = lastLine === '' ? '' : `; last output: ${lastLine.slice(0, 500)}`;
  const exitCode = exit.code ?? undefined;
  return { kind: 'not-open', cause: 'crash', reason: `${spec.title} ${how}${said}`, exitCode };
}
