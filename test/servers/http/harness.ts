import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll } from 'vitest';
import type { SystemId } from '../../../servers/contract/systems.ts';

const folder = process.env['SWITCHBOARD_SERVERS'] ?? fileURLToPath(new URL('../../../dist/servers', import.meta.url));

/** What the tests of a file opened: several of them may share a server. */
const cleanUps: (() => Promise<unknown>)[] = [];
afterAll(async () => {
  await Promise.all(cleanUps.splice(0).map((run) => run()));
});

export interface HttpServer {
  /** "http://127.0.0.1:40000" */
  readonly origin: string;
  readonly url: URL;
  readonly port: number;
  /** The address of the figures, where SWITCHBOARD_METRICS_PORT asks for them. */
  readonly metrics: () => string;
  readonly stderr: () => string;
  readonly kill: (signal: NodeJS.Signals) => void;
  readonly ended: Promise<number | null>;
}

/** The built server over HTTP on a free port, ended with the file. Its environment holds what is given and no more. */
export function startHttp(
  name: SystemId,
  environment: Record<string, string>,
  address = '127.0.0.1:0',
): Promise<HttpServer> {
  return startBundle(join(folder, `${name}.cjs`), environment, address);
}

/** The same of a server in any file. */
export async function startBundle(
  file: string,
  environment: Record<string, string>,
  address: string,
): Promise<HttpServer> {
  const started = run(file, environment, address);
  const { child } = started;
  cleanUps.push(async () => {
    child.kill('SIGKILL');
    await started.ended;
  });
  for (;;) {
    const port = /listening on http:\/\/\S+:(\d+)\/mcp\n/u.exec(started.stderr())?.[1];
    if (port !== undefined) {
      const origin = `http://127.0.0.1:${port}`;
      const { stderr, ended } = started;
      return {
        origin,
        url: new URL('/mcp', origin),
        port: Number(port),
        stderr,
        metrics: () => /metrics at (\S+)/u.exec(stderr())?.[1] ?? '',
        ended,
        kill: (signal) => child.kill(signal),
      };
    }
    const over = await Promise.race([once(child.stderr, 'data').then(() => false), started.ended.then(() => true)]);
    if (over) throw new Error(`the server ended: ${started.stderr()}`);
  }
}

/** A server that is expected to refuse to start. */
export async function startAndEnd(
  name: SystemId,
  environment: Record<string, string>,
  address: string | undefined,
): Promise<{ code: number | null; stderr: string }> {
  const { ended, stderr } = run(join(folder, `${name}.cjs`), environment, address);
  return { code: await ended, stderr: stderr() };
}

/** @param address undefined: over stdio, which ends at once. */
function run(file: string, environment: Record<string, string>, address: string | undefined) {
  const http = address === undefined ? [] : ['--http', address];
  const child = spawn(process.execPath, [file, ...http], {
    env: { SWITCHBOARD_RATE_LIMITS: 'off', SWITCHBOARD_METRICS_PORT: 'off', ...environment },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let stderr = '';
  child.stderr.on('data', (chunk) => (stderr += String(chunk)));
  const ended = once(child, 'close').then(([code]) => (typeof code === 'number' ? code : null));
  return { child, ended, stderr: () => stderr };
}

export async function stateFolder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'switchboard-http-'));
  cleanUps.push(() => rm(path, { recursive: true, force: true }));
  return path;
}

export interface Answered {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

export interface Sent {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string | Buffer;
}

/** One request with any headers, which `fetch` would not send. */
export function send(
  port: number,
  { method = 'POST', path = '/mcp', headers = {}, body = '' }: Sent,
): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest({
      host: '127.0.0.1',
      port,
      method,
      path,
      agent: false,
      headers: { ...common, ...headers },
    });
    outgoing.on('response', (response) => {
      let text = '';
      response.on('data', (chunk) => (text += String(chunk)));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }));
      response.on('error', reject);
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

const common = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };

export function message(method: string, params: Record<string, unknown> = {}, id: number | string = 1): string {
  return JSON.stringify({ jsonrpc: '2.0', id, method, params });
}
