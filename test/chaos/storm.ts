import { setTimeout as wait } from 'node:timers/promises';
import type { Fleet } from './fleet.ts';

/** How often each happened. */
export type Happened = Record<'killed' | 'added' | 'cut off' | 'frozen' | 'rolled', number>;

const pauseMs = 2_000;
const awayMs = 4_000;

/** Replicas are killed, added, cut off from the state database, frozen and replaced, one after the other, until the end. */
export async function storm(fleet: Fleet, goesOn: () => boolean): Promise<Happened> {
  const happened: Happened = { killed: 0, added: 0, 'cut off': 0, frozen: 0, rolled: 0 };
  const any = () => {
    const list = fleet.replicas();
    const found = list[Math.floor(Math.random() * list.length)];
    if (found === undefined) throw new Error('no replica is left');
    return found;
  };
  const steps: (() => Promise<void>)[] = [
    async () => {
      await fleet.crash(any());
      happened.killed += 1;
      await wait(pauseMs);
      await fleet.add();
      happened.added += 1;
    },
    async () => {
      const { cable } = any();
      await cable.cut();
      happened['cut off'] += 1;
      await wait(awayMs);
      await cable.mend();
    },
    async () => {
      const added = await fleet.add();
      happened.added += 1;
      await wait(pauseMs);
      await fleet.remove(added);
    },
    async () => {
      const frozen = any();
      frozen.kill('SIGSTOP');
      happened.frozen += 1;
      await wait(awayMs);
      frozen.kill('SIGCONT');
    },
    async () => {
      await fleet.roll();
      happened.rolled += 1;
    },
  ];
  while (goesOn()) {
    for (const step of steps) {
      if (!goesOn()) break;
      await step();
      await wait(pauseMs);
    }
  }
  return happened;
}
