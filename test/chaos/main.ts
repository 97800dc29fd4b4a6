// npm run chaos [-- --minutes 5] [-- --throughput]: replicas behind nginx while things go wrong, and how much they do.
// npm run chaos -- worker: see worker.ts.
import { startCluster } from '../stack/database/cluster.ts';
import { outage } from './outage.ts';
import { setScene } from './setup.ts';
import { storm } from './storm.ts';
import { measureThroughput } from './throughput.ts';
import { judge } from './verdict.ts';
import { workerChaos } from './worker.ts';
import { work } from './workload.ts';

const print = (line: string): void => void process.stdout.write(`${line}\n`);
const flag = process.argv.indexOf('--minutes');
const minutes = flag < 0 ? 1 : Number(process.argv[flag + 1]);

/** @returns whether all was as it should be. */
async function weather(): Promise<boolean> {
  const cluster = await startCluster();
  const stateUrl = await cluster.createDatabase('state');
  const scene = await setScene(stateUrl, 4, 64);
  try {
    const { fleet, people, tally, jira } = scene;
    const end = performance.now() + minutes * 60_000;
    const goesOn = (): boolean => performance.now() < end;
    const workers = people.map((person) => work(person, fleet.nginx.port, tally, goesOn));
    const happened = await storm(fleet, goesOn);
    await Promise.all(workers);
    print(`${minutes} min, 4 replicas, 64 clients: ${JSON.stringify(happened)}`);
    print(
      `writes ${tally.writes}, repeated ${tally.repeats}; tickets ${tally.tickets.size}, one for each key and person`,
    );
    print(`reads ${tally.reads}, at the second try ${tally.readAgain}`);
    print(`killed between recording and sending, and told so: ${tally.unknown.size}`);
    const faults = await judge(tally, people, jira.issues(), stateUrl);
    for (const fault of faults.slice(0, 20)) print(`FAULT ${fault}`);
    print(`faults: ${faults.length}`);
    const { ticketsMeanwhile, ...gone } = await outage(scene, cluster, 30);
    print(`state database stopped for 30 s: ${JSON.stringify({ ticketsMeanwhile, ...gone })}`);
    const isWell =
      gone.readsFailed === 0 && gone.refused === gone.writes && ticketsMeanwhile === 0 && gone.recovered === 4;
    return faults.length === 0 && isWell;
  } finally {
    await scene.stop();
    await cluster.stop();
  }
}

if (process.argv[2] === 'worker') {
  if (!(await workerChaos(process.argv.slice(3), print))) process.exitCode = 1;
} else if (process.argv.includes('--throughput')) {
  for (const { replicas, callsPerSecond, cpu, busy } of await measureThroughput([1, 2, 4], 8)) {
    const parts = Object.entries(cpu).map(([name, ms]) => `${name} ${ms.toFixed(2)} ms`);
    print(
      `${replicas} replicas  ${callsPerSecond.toFixed(0)} calls/s  ${parts.join(', ')}; ${busy.toFixed(2)} processors busy`,
    );
  }
} else if (!(await weather())) process.exitCode = 1;
