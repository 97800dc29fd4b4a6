import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { Agent, request as httpRequest } from 'node:http';
import { createServer } from 'node:net';
import { listen } from '../stack/listen.ts';
import type { Stack } from '../stack/stack.ts';
import { serverCommand } from './bundles.ts';
import { measureShuffled, summarize, type Figure } from './measure.ts';
import { toolboxCommand } from './peers.ts';
import { startRawClient, type ServerCommand } from './raw-client.ts';

const passes = 9;
const calls = 4_000;
const inFlight = 16;

/** A server that answers SELECT 1, and its process. */
interface Subject {
  readonly name: string;
  readonly pid: number;
  readonly ask: () => Promise<unknown>;
  readonly stop: () => Promise<unknown>;
}

/** What SELECT 1 costs the server's process over HTTP, beside the same bundle over stdio and toolbox over HTTP. */
export async function benchHttp(stack: Stack): Promise<Figure[]> {
  const subjects = [await overStdio(stack), await overHttp(stack), await toolboxOverHttp(stack)];
  const rates = new Map<string, number[]>();
  try {
    const once = async ({ name, pid, ask }: Subject): Promise<number> => {
      const [before, started] = [await cpuOf(pid), performance.now()];
      let left = calls;
      const work = async (): Promise<void> => {
        for (left -= 1; left >= 0; left -= 1) await ask();
      };
      await Promise.all(Array.from({ length: inFlight }, work));
      rates.set(name, [...(rates.get(name) ?? []), (calls / (performance.now() - started)) * 1_000]);
      return (((await cpuOf(pid)) - before) / calls) * 1_000;
    };
    for (const subject of subjects) await once(subject);
    rates.clear();
    const samples = await measureShuffled(
      subjects.map((subject) => ({ name: subject.name, once: () => once(subject) })),
      passes,
    );
    const [first, ...others] = subjects.map(({ name }) => name);
    const base = (of: ReadonlyMap<string, readonly number[]>) => ({
      name: first ?? '',
      values: of.get(first ?? '') ?? [],
    });
    const lines = (what: string, unit: Figure['unit'], of: ReadonlyMap<string, readonly number[]>): Figure[] => [
      summarize(`${what}: ${first}`, unit, base(of).values),
      ...others.map((name) => summarize(`${what}: ${name}`, unit, of.get(name) ?? [], base(of))),
    ];
    return [
      ...lines('SELECT 1, CPU of the server', 'µs', samples),
      ...lines(`SELECT 1, ${inFlight} at once`, 'calls/s', rates),
    ];
  } finally {
    await Promise.all(subjects.map(({ stop }) => stop()));
  }
}

const query = { name: 'query_database', arguments: { query: 'SELECT 1' } };

async function overStdio(stack: Stack): Promise<Subject> {
  const client = startRawClient(serverCommand('postgres', stack));
  await client.initialize();
  return { name: 'stdio', pid: client.pid, ask: () => client.request('tools/call', query), stop: client.close };
}

async function overHttp(stack: Stack): Promise<Subject> {
  const { command, args, env } = serverCommand('postgres', stack);
  return listening(
    'HTTP',
    { command, args: [...args, '--http', '127.0.0.1:0'], env },
    /http:\/\/\S+:(\d+)\/mcp/u,
    query,
  );
}

async function toolboxOverHttp(stack: Stack): Promise<Subject> {
  const port = await freePort();
  const url = stack.cluster.url(stack.database.database, stack.database.reader);
  return listening(
    'toolbox over HTTP',
    await toolboxCommand(stack, url, ['--address', '127.0.0.1', '--port', String(port)]),
    /ready to serve/iu,
    { name: 'execute_sql', arguments: { sql: 'SELECT 1' } },
    port,
  );
}

async function listening(
  name: string,
  { command, args, env }: ServerCommand,
  ready: RegExp,
  call: object,
  known?: number,
): Promise<Subject> {
  const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = once(child, 'close');
  const port = await new Promise<number>((resolve, reject) => {
    let said = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk) => {
        said = `${said}${String(chunk)}`.slice(-10_000);
        const found = ready.exec(said);
        if (found !== null) resolve(known ?? Number(found[1]));
      });
    child.on('close', () => reject(new Error(`${name} ended: ${said}`)));
  });
  const agent = new Agent({ keepAlive: true, maxSockets: inFlight });
  let id = 0;
  return {
    name,
    pid: child.pid ?? 0,
    ask: async () => {
      id += 1;
      const text = await post(agent, port, JSON.stringify({ jsonrpc: '2.0', id, method: 'tools/call', params: call }));
      if (!text.includes('"result"') || text.includes('"isError":true')) throw new Error(`${name}: ${text}`);
    },
    stop: async () => {
      agent.destroy();
      child.kill('SIGTERM');
      await ended;
    },
  };
}

function post(agent: Agent, port: number, body: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'content-length': Buffer.byteLength(body),
      'mcp-protocol-version': '2025-11-25',
    };
    const outgoing = httpRequest({ host: '127.0.0.1', port, method: 'POST', path: '/mcp', agent, headers });
    outgoing.on('error', reject);
    outgoing.on('response', (response) => {
      let text = '';
      response.on('data', (chunk) => (text += String(chunk)));
      response.on('end', () => resolve(text));
    });
    outgoing.end(body);
  });
}

/** Milliseconds of processor that a process used: user and system time of proc(5), in hundredths of a second. */
async function cpuOf(pid: number): Promise<number> {
  const fields = await readFile(`/proc/${pid}/stat`, 'utf8');
  const after = fields.slice(fields.lastIndexOf(')') + 2).split(' ');
  return (Number(after[11]) + Number(after[12])) * 10;
}

async function freePort(): Promise<number> {
  const probe = createServer();
  const port = await listen(probe);
  probe.close();
  await once(probe, 'close');
  return port;
}
