import { setTimeout as wait } from 'node:timers/promises';
import type { Cluster } from '../stack/database/cluster.ts';
import { connectClient } from './client.ts';
import type { Scene } from './setup.ts';

export interface Outage {
  readonly reads: number;
  readonly readsFailed: number;
  readonly writes: number;
  /** Refused for the state database. The rest must be none. */
  readonly refused: number;
  readonly ticketsMeanwhile: number;
  /** Writes of all replicas after the database came back, each without a restart. */
  readonly recovered: number;
  readonly recoveredAfterMs: number;
}

/** The state database is stopped for a while: everybody goes on reading and tries to write. */
export async function outage(scene: Scene, cluster: Cluster, seconds: number): Promise<Outage> {
  const { fleet, people, jira } = scene;
  const before = jira.issues().length;
  process.kill(cluster.pid(), 'SIGINT');
  await wait(1_000);
  const end = performance.now() + seconds * 1_000;
  const count = { reads: 0, readsFailed: 0, writes: 0, refused: 0 };
  await Promise.all(
    people.map(async ({ token, project }, index) => {
      const client = connectClient(fleet.nginx.port, token);
      const input = { project_key: project, issue_type: 'Bug', summary: `During the outage ${index}` };
      for (let round = 0; performance.now() < end; round += 1) {
        count.reads += 1;
        const read = await client.call('list_jira_projects', {});
        if (read.kind !== 'answer' || read.structured['row_count'] !== 1) count.readsFailed += 1;
        if (round % 10 !== 0) continue;
        count.writes += 1;
        const wrote = await client.call('create_jira_ticket', input, `outage ${index}`);
        if (wrote.kind === 'answer' && JSON.stringify(wrote.structured).includes('"unreachable"')) count.refused += 1;
      }
      client.close();
    }),
  );
  const ticketsMeanwhile = jira.issues().length - before;
  await cluster.restart();
  const back = performance.now();
  const [person] = people;
  if (person === undefined) throw new Error('nobody');
  let recovered = 0;
  for (const { port } of fleet.replicas()) {
    const client = connectClient(port, person.token);
    const input = { project_key: person.project, issue_type: 'Bug', summary: `After the outage ${port}` };
    for (let isDone = false; !isDone && performance.now() - back < 60_000;) {
      const reply = await client.call('create_jira_ticket', input, `after the outage ${port}`);
      isDone = reply.kind === 'answer' && reply.structured['outcome'] !== undefined;
      if (isDone) recovered += 1;
      else await wait(100);
    }
    client.close();
  }
  return { ...count, ticketsMeanwhile, recovered, recoveredAfterMs: performance.now() - back };
}
