import { readdirSync, readFileSync } from 'node:fs';
import { Client } from 'pg';
import { inject, vi } from 'vitest';
import type { RunEvent } from '../../src/agent/events.ts';
import { finished, startCli, type CliOptions, type Finished } from '../stack/command-line.ts';
import { accessCluster } from '../stack/database/cluster.ts';
import { startStack, type Stack, type StackOptions } from '../stack/stack.ts';

export interface Run extends Finished {
  readonly events: readonly RunEvent[];
}

/** With a separate database on the run's cluster, which starts once. */
export function startSharedStack(options: StackOptions = {}): Promise<Stack> {
  return startStack({ cluster: accessCluster(inject('postgres')), ...options });
}

type Change = Readonly<Record<string, string | undefined>>;

/** Runs the command line against a stack until it exits. `change` overrides variables; undefined removes one. */
export async function runCli(stack: Stack, parameters: readonly string[], change: Change = {}): Promise<Run> {
  const child = startCli(parameters, optionsFor(stack, change));
  const ended = await finished(child);
  return { ...ended, events: eventsOf(ended.stdout) };
}

export function optionsFor(stack: Stack, change: Change = {}): CliOptions {
  const variables = Object.entries({ ...stack.environment, ...change }).filter(([, value]) => value !== undefined);
  return { environment: Object.fromEntries(variables), cwd: stack.workspace.folder };
}

/** The events of `--output json`; empty for text output. */
export function eventsOf(stdout: string): RunEvent[] {
  const lines = stdout.split('\n').filter((line) => line !== '');
  return lines.every((line) => line.startsWith('{')) ? lines.map((line) => JSON.parse(line) as RunEvent) : [];
}

export function endOf(run: Run): Extract<RunEvent, { type: 'run-finished' }> {
  const last = run.events.at(-1);
  if (last?.type !== 'run-finished') throw new Error(`the run did not finish:\n${run.stdout}\n${run.stderr}`);
  return last;
}

/** More than a busy machine at a quarter of its speed needs. */
const patienceMs = 90_000;

/** Polls until `check` returns a value. */
export function until<Value>(
  what: string,
  check: () => Promise<Value | undefined> | Value | undefined,
): Promise<NonNullable<Value>> {
  const ask = async (): Promise<NonNullable<Value>> => {
    const value = await check();
    if (value === undefined || value === null) throw new Error(`There is still to come: ${what}.`);
    return value;
  };
  return vi.waitFor(ask, { timeout: patienceMs, interval: 20 });
}

/** A connection that observes the others. */
export async function superuser(stack: Stack): Promise<Client> {
  const client = new Client({ connectionString: stack.database.url });
  await client.connect();
  return client;
}

/** Active backends of the product's role, with what they wait for. */
export async function activeBackends(client: Client, stack: Stack): Promise<{ pid: number; wait: string | null }[]> {
  const result = await client.query<{ pid: number; wait: string | null }>(
    `select pid, wait_event_type as wait from pg_stat_activity
     where usename = $1 and state = 'active' and backend_type = 'client backend'`,
    [stack.database.reader.user],
  );
  return result.rows;
}

export interface ProcessInfo {
  readonly pid: number;
  readonly parent: number;
  readonly command: string;
}

/** All processes below this one, from /proc. */
export function descendantsOf(pid: number): ProcessInfo[] {
  const all = readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? (readProcess(Number(name)) ?? []) : []));
  const below = (parent: number): ProcessInfo[] =>
    all.filter((each) => each.parent === parent).flatMap((each) => [each, ...below(each.pid)]);
  return below(pid);
}

export function isAlive(pid: number): boolean {
  return readProcess(pid) !== undefined;
}

/** Undefined if it is gone or a zombie. */
function readProcess(pid: number): ProcessInfo | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (state === 'Z') return undefined;
    return { pid, parent: Number(parent), command: readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ') };
  } catch {
    return undefined;
  }
}
