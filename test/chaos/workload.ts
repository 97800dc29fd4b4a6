import { setTimeout as wait } from 'node:timers/promises';
import * as z from 'zod';
import { connectClient, type ChaosClient, type Reply } from './client.ts';
import type { Person } from './people.ts';

/** What all clients saw. */
export interface Tally {
  /** By person and key: the ticket that the answers name. */
  readonly tickets: Map<string, string>;
  /** Keys whose replica was killed between recording and sending: the server said that it does not know. */
  readonly unknown: Set<string>;
  /** Comments that a person's limit let through, by name. */
  readonly comments: Map<string, number>;
  writes: number;
  repeats: number;
  reads: number;
  /** Reads that were answered at the second try. */
  readAgain: number;
  /** Anything that must not happen. */
  readonly faults: string[];
}

export function newTally(): Tally {
  return {
    tickets: new Map(),
    unknown: new Set(),
    comments: new Map(),
    writes: 0,
    repeats: 0,
    reads: 0,
    readAgain: 0,
    faults: [],
  };
}

/** The same for both of a pair. */
export function summaryOf({ pair }: Person, job: number): string {
  return `Pair ${pair} job ${job}`;
}

const writeAnswer = z.object({ outcome: z.enum(['done', 'replayed']), issue_key: z.string() });
const errorAnswer = z.object({ error: z.object({ code: z.string(), message: z.string() }) });
/** The caller, a person's host, repeats these with the same key. */
const passing = new Set(['unreachable', 'conflict', 'rate_limited', 'timeout', 'cancelled']);
/** After so long, a write counts as failed. */
const patienceMs = 180_000;

/** One person at work until told to stop: tickets under keys, repeated; reads; and calls that others' rights would need. */
export async function work(
  person: Person,
  port: number,
  tally: Tally,
  goesOn: (job: number) => boolean,
): Promise<void> {
  const clients = [connectClient(port, person.token), connectClient(port, person.token)];
  const [first = clients[0], second = clients[1]] = clients;
  if (first === undefined || second === undefined) return;
  try {
    for (let job = 0; goesOn(job); job += 1) {
      const keys = await Promise.all([first, second].map((client) => createTicket(client, person, job, tally)));
      const again = await createTicket(second, person, job, tally);
      const known = new Set([...keys, again].filter((key) => key !== undefined));
      if (known.size > 1) tally.faults.push(`${person.name}, job ${job}: several tickets ${[...known].join()}`);
      const [ticket] = known;
      if (ticket === undefined) continue;
      tally.tickets.set(`${person.name} ${summaryOf(person, job)}`, ticket);
      await readOwn(first, person, job, ticket, tally);
      await comment(second, person, ticket, tally);
    }
  } finally {
    for (const client of clients) client.close();
  }
}

async function createTicket(
  client: ChaosClient,
  person: Person,
  job: number,
  tally: Tally,
): Promise<string | undefined> {
  const summary = summaryOf(person, job);
  const input = { project_key: person.project, issue_type: 'Bug', summary };
  const until = performance.now() + patienceMs;
  tally.writes += 1;
  for (let last = ''; performance.now() < until; tally.repeats += 1) {
    const reply = await client.call('create_jira_ticket', input, `chaos ${summary}`);
    if (reply.kind === 'answer') {
      const { data } = writeAnswer.safeParse(reply.structured);
      if (data !== undefined) return data.issue_key;
      const { error } = errorAnswer.parse(reply.structured);
      if (error.code === 'outcome_unknown') {
        tally.unknown.add(`${person.name} ${summary}`);
        return undefined;
      }
      last = `${error.code}: ${error.message}`;
      if (!passing.has(error.code)) {
        tally.faults.push(`${person.name}: a write failed, ${last}`);
        return undefined;
      }
    } else last = reply.why;
    if (performance.now() > until - 1_000) tally.faults.push(`${person.name}: a write failed for long, ${last}`);
    await wait(100 + Math.random() * 200);
  }
  return undefined;
}

/** A read is repeated once at most. */
async function read(client: ChaosClient, tool: string, input: Record<string, unknown>, tally: Tally): Promise<unknown> {
  tally.reads += 1;
  let reply: Reply = await client.call(tool, input);
  if (reply.kind === 'lost') {
    tally.readAgain += 1;
    reply = await client.call(tool, input);
  }
  if (reply.kind === 'answer') return reply.structured;
  tally.faults.push(`a read was lost twice: ${reply.why}`);
  return undefined;
}

async function readOwn(client: ChaosClient, person: Person, job: number, key: string, tally: Tally): Promise<void> {
  const own = JSON.stringify((await read(client, 'get_jira_issue', { issue_key: key }, tally)) ?? '');
  if (own !== '""' && !own.includes(summaryOf(person, job)))
    tally.faults.push(`${person.name}: ${key} is not the one it should be: ${own.slice(0, 200)}`);
  const listed = JSON.stringify((await read(client, 'list_jira_projects', {}, tally)) ?? '');
  if (listed.includes(`"${person.foreign}"`)) tally.faults.push(`${person.name} was shown ${person.foreign}`);
  const foreign = await read(client, 'get_jira_issue', { issue_key: `${person.foreign}-1` }, tally);
  if (foreign !== undefined && !errorAnswer.safeParse(foreign).success)
    tally.faults.push(`${person.name} was shown ${person.foreign}-1`);
}

/** Counted by the quota of the person, whichever replica is asked. */
async function comment(client: ChaosClient, person: Person, ticket: string, tally: Tally): Promise<void> {
  const reply = await client.call('add_jira_comment', { issue_key: ticket, body: `A note of ${person.name}` });
  if (reply.kind !== 'answer' || reply.structured['outcome'] !== 'done') return;
  tally.comments.set(person.name, (tally.comments.get(person.name) ?? 0) + 1);
}
