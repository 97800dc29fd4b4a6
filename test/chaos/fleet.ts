import { startNginx, type Nginx } from './nginx.ts';
import { startReplica, type Replica, type ReplicaOptions } from './replica.ts';

/** Replicas behind a load balancer, and what happens to them. */
export interface Fleet {
  readonly nginx: Nginx;
  readonly replicas: () => readonly Replica[];
  readonly add: () => Promise<Replica>;
  /** As an orchestrator does: the balancer hears of it, the replica finishes what it has, and ends. */
  readonly remove: (replica: Replica) => Promise<void>;
  /** Ends a replica without a word; the balancer finds out by itself. */
  readonly crash: (replica: Replica) => Promise<void>;
  /** Replaces all, one after the other. */
  readonly roll: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

export async function startFleet(count: number, options: ReplicaOptions): Promise<Fleet> {
  let replicas = await Promise.all(Array.from({ length: count }, () => startReplica(options)));
  const nginx = await startNginx(replicas.map(({ port }) => port));
  const balance = (): Promise<void> => nginx.pointTo(replicas.map(({ port }) => port));
  const add = async (): Promise<Replica> => {
    const added = await startReplica(options);
    replicas = [...replicas, added];
    await balance();
    return added;
  };
  const without = (gone: Replica): void => {
    replicas = replicas.filter((each) => each !== gone);
  };
  const remove = async (gone: Replica): Promise<void> => {
    without(gone);
    await balance();
    gone.kill('SIGTERM');
    await gone.ended;
  };
  return {
    nginx,
    replicas: () => replicas,
    add,
    remove,
    crash: async (gone) => {
      gone.kill('SIGKILL');
      await gone.ended;
      without(gone);
    },
    roll: async () => {
      for (const old of replicas) {
        await add();
        await remove(old);
      }
    },
    stop: async () => {
      for (const replica of replicas) replica.kill('SIGKILL');
      await Promise.all(replicas.map(({ ended }) => ended));
      await nginx.stop();
    },
  };
}
