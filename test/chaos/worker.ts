// npm run chaos -- worker [--runs 200] [--workers 4] [--seed 1]: runs that webhooks start, while workers are killed.
import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Client } from 'pg';
import { administerState } from '../../servers/contract/state/administer.ts';
import { verifyAudit } from '../../servers/contract/audit/verify.ts';
import { madeFor, startWorker, tell, writeTriggers, type Worker } from '../e2e/service/workers.ts';
import { recordIncident } from '../stack/claude/scripts/incident.ts';
import { startStack, type Stack } from '../stack/stack.ts';

interface Tally {
  killed: number;
  stopped: number;
  sent: number;
  unanswered: number;
}

/** Numbers from 0 to 1 that a seed repeats. */
function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

const waiting = "select count(*)::integer as count from switchboard.occasion where state <> 'ended'";

/** @returns whether all was as it should be. */
export async function workerChaos(words: readonly string[], print: (line: string) => void): Promise<boolean> {
  const { values } = parseArgs({
    args: [...words],
    options: {
      runs: { type: 'string', default: '200' },
      workers: { type: 'string', default: '4' },
      seed: { type: 'string', default: '1' },
    },
  });
  const runs = Number(values.runs);
  const random = createRandom(Number(values.seed));
  const stack = await startStack({ failed: 12 });
  const stateUrl = await stack.cluster.createDatabase('state');
  const admin = new Client(stateUrl);
  const fleet: Worker[] = [];
  try {
    await admin.connect();
    stack.claude?.play(recordIncident(() => randomBytes(8).toString('hex').replaceAll(/\d/g, 'x')));
    const file = await writeTriggers(stack, ['incident'], { attempts: 20 });
    const variables = {
      SWITCHBOARD_STATE_URL: stateUrl,
      SWITCHBOARD_RATE_LIMITS: 'off',
      SWITCHBOARD_WORKER_DRAIN_SECONDS: '2',
    };
    const start = () => startWorker(stack, file, variables);
    for (let count = 0; count < Number(values.workers); count += 1) fleet.push(await start());
    const incidents = Array.from({ length: runs }, (_, index) => `chaos ${index + 1}`);
    const tally: Tally = { killed: 0, stopped: 0, sent: 0, unanswered: 0 };
    const began = performance.now();
    let isOver = false;
    const storm = rage(fleet, start, tally, random, () => isOver);
    await Promise.all([
      sendAll(incidents, fleet, tally, random),
      // Again, each at a time of its own: while it waits, runs, or is over.
      delay(3_000).then(() => sendAll(incidents.toReversed(), fleet, tally, random)),
    ]);
    while ((await admin.query<{ count: number }>(waiting)).rows[0]?.count !== 0) await delay(1_000);
    isOver = true;
    await storm;
    const seconds = Math.round((performance.now() - began) / 1000);
    print(`${runs} runs in ${seconds} s, ${values.workers} workers, seed ${values.seed}: ${JSON.stringify(tally)}`);
    for (const worker of fleet) worker.kill('SIGTERM');
    await Promise.all(fleet.map(({ ended }) => ended));
    const faults = await judge(stack, incidents, admin, stateUrl, print);
    for (const fault of faults.slice(0, 20)) print(`FAULT ${fault}`);
    print(`faults: ${faults.length}`);
    return faults.length === 0;
  } finally {
    for (const worker of fleet) worker.kill('SIGKILL');
    await Promise.all(fleet.map(({ ended }) => ended));
    await admin.end();
    await stack.stop();
  }
}

/** To any worker, and to another one if nobody answers, as senders do. */
async function sendAll(
  incidents: readonly string[],
  fleet: readonly Worker[],
  tally: Tally,
  random: () => number,
): Promise<void> {
  for (const incident of incidents) {
    for (;;) {
      const { origin } = fleet[Math.floor(random() * fleet.length)] ?? { origin: '' };
      tally.sent += 1;
      const status = await tell(origin, 'incident', incident).then(
        (response) => response.status,
        () => 0,
      );
      if (status === 202) break;
      tally.unanswered += 1;
      await delay(200);
    }
    await delay(random() * 600);
  }
}

/** Most are killed; some are told to stop. Another one takes the place. */
async function rage(
  fleet: Worker[],
  start: () => Promise<Worker>,
  tally: Tally,
  random: () => number,
  isOver: () => boolean,
): Promise<void> {
  while (!isOver()) {
    await delay(2_000 + random() * 8_000);
    const index = Math.floor(random() * fleet.length);
    const victim = fleet[index];
    if (isOver() || victim === undefined) return;
    const isKilled = random() < 0.75;
    if (isKilled) tally.killed += 1;
    else tally.stopped += 1;
    victim.kill(isKilled ? 'SIGKILL' : 'SIGTERM');
    await victim.ended;
    fleet[index] = await start();
  }
}

async function judge(
  stack: Stack,
  incidents: readonly string[],
  admin: Client,
  stateUrl: string,
  print: (line: string) => void,
): Promise<readonly string[]> {
  const faults: string[] = [];
  const { rows } = await admin.query<{ name: string; exit_code: number; attempts: number; message: string }>(
    'select name, exit_code, attempts, message from switchboard.occasion',
  );
  if (rows.length !== incidents.length) faults.push(`${rows.length} runs for ${incidents.length} incidents`);
  for (const row of rows)
    if (row.exit_code !== 0) faults.push(`${row.name} ended with ${row.exit_code}: ${row.message}`);
  for (const incident of incidents) {
    const { tickets, posts } = madeFor(stack, incident);
    if (tickets !== 1 || posts !== 1) faults.push(`${incident}: ${tickets} tickets, ${posts} posts`);
  }
  const attempts = rows.map((row) => row.attempts);
  const taken = [...new Set(attempts)].toSorted((a, b) => a - b);
  print(`attempts: ${taken.map((n) => `${attempts.filter((each) => each === n).length} runs took ${n}`).join(', ')}`);
  const chains = await administerState(stateUrl).verify({});
  const logs = verifyAudit(stack.stateFolder);
  for (const log of [...chains, ...logs]) if (log.status !== 'whole') faults.push(`audit: ${log.problem}`);
  print(`audit: ${chains.length} chains in the database and ${logs.length} logs of hosts are whole`);
  return faults;
}
