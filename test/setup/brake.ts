import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';

export interface Brake {
  /** One line for people. */
  readonly what: string;
  /** The same command, under the brake. */
  readonly command: (words: readonly string[]) => [string, string[]];
  /** Returns what the commands used, and ends what they left running. */
  readonly end: () => string;
}

const periodUs = 100_000;
const cores = availableParallelism();
/** A quarter of all cores. */
const quotaUs = (cores * periodUs) / 4;
const groupName = `switchboard-slow-${process.pid}`;

/**
 * By a control group where this user may make one, else by busy neighbours and `nice`. A group gets its quarter before
 * whatever else the machine does, so that two may run side by side.
 */
export function startBrake(kind: 'best' | 'nice' = 'best'): Brake {
  if (kind === 'nice') return neighbours();
  return attempt(groupOfVersion1) ?? attempt(groupOfVersion2) ?? neighbours();
}

/** Not root, a read-only mount, a group above that forbids it: undefined. */
function attempt<Result>(make: () => Result): Result | undefined {
  try {
    return make();
  } catch {
    return undefined;
  }
}

function groupOfVersion1(): Brake | undefined {
  const [cpu, accounting] = ['/sys/fs/cgroup/cpu', '/sys/fs/cgroup/cpuacct'] as const;
  if (!existsSync(join(cpu, 'cpu.cfs_quota_us'))) return undefined;
  const [limited, measured] = [join(cpu, groupName), join(accounting, groupName)];
  for (const folder of [limited, measured]) mkdirSync(folder, { recursive: true });
  writeFileSync(join(limited, 'cpu.cfs_period_us'), String(periodUs));
  writeFileSync(join(limited, 'cpu.cfs_quota_us'), String(quotaUs));
  writeFileSync(join(limited, 'cpu.shares'), '10240');
  return group([limited, measured], () => Number(readFileSync(join(measured, 'cpuacct.usage'), 'utf8')) / 1e9);
}

function groupOfVersion2(): Brake | undefined {
  const top = '/sys/fs/cgroup';
  if (!existsSync(join(top, 'cgroup.controllers'))) return undefined;
  writeFileSync(join(top, 'cgroup.subtree_control'), '+cpu');
  const folder = join(top, groupName);
  mkdirSync(folder);
  writeFileSync(join(folder, 'cpu.max'), `${quotaUs} ${periodUs}`);
  writeFileSync(join(folder, 'cpu.weight'), '1000');
  return group(
    [folder],
    () => Number(/^usage_usec (\d+)/mu.exec(readFileSync(join(folder, 'cpu.stat'), 'utf8'))?.[1]) / 1e6,
  );
}

function group(folders: readonly string[], usedSeconds: () => number): Brake {
  const join = folders.map((folder) => `echo $$ > ${folder}/cgroup.procs; `).join('');
  return {
    what: `The tests get ${quotaUs / periodUs} of ${cores} cores, by a control group`,
    command: (words) => ['sh', ['-c', `${join}exec "$@"`, 'sh', ...words]],
    end: () => {
      const used = `${Math.round(usedSeconds())} s of processor time`;
      const left = new Set(folders.flatMap((folder) => membersOf(folder)));
      for (const pid of left) process.kill(pid, 'SIGKILL');
      for (const folder of folders) removeGroup(folder);
      return left.size === 0 ? used : `${used}, ${left.size} processes were left running`;
    },
  };
}

function membersOf(folder: string): number[] {
  const lines = readFileSync(`${folder}/cgroup.procs`, 'utf8').split('\n');
  return lines.filter((line) => line !== '').map(Number);
}

/** A process that was killed is a member until it is gone. */
function removeGroup(folder: string): void {
  for (let tries = 0; tries < 10_000 && existsSync(folder); tries += 1) attempt(() => rmdirSync(folder));
}

/** One busy neighbour a core at the usual priority: what runs five steps below it gets a quarter of the core. */
function neighbours(): Brake {
  const busy = Array.from({ length: cores }, () => spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' }));
  return {
    what: `The tests share ${cores} cores with a busy neighbour on each, by nice`,
    command: (words) => ['nice', ['-n', '5', ...words]],
    end: () => {
      for (const neighbour of busy) neighbour.kill('SIGKILL');
      return 'processor time not measured';
    },
  };
}
