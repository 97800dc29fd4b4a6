import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { layCable, type Cable } from '../stack/cable.ts';
import { distFolder } from '../stack/command-line.ts';

/** One process of a server over HTTP, with a way of its own to the state database. */
export interface Replica {
  readonly port: number;
  readonly pid: number;
  readonly cable: Cable;
  readonly stderr: () => string;
  readonly kill: (signal: NodeJS.Signals) => void;
  readonly ended: Promise<unknown>;
}

export interface ReplicaOptions {
  readonly server: 'jira' | 'postgres';
  readonly environment: Readonly<Record<string, string>>;
  readonly stateUrl: string;
}

export async function startReplica({ server, environment, stateUrl }: ReplicaOptions): Promise<Replica> {
  const cable = await layCable(new URL(stateUrl));
  const bundle = `${distFolder}servers/${server}.cjs`;
  const child = spawn(process.execPath, [bundle, '--http', '127.0.0.1:0'], {
    env: { ...environment, SWITCHBOARD_STATE_URL: cable.url, SWITCHBOARD_METRICS_PORT: 'off' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let stderr = '';
  child.stderr.on('data', (chunk) => (stderr = `${stderr}${String(chunk)}`.slice(-20_000)));
  const kill = (): void => void child.kill('SIGKILL');
  process.once('exit', kill);
  const leave = async (): Promise<void> => {
    await once(child, 'close');
    process.off('exit', kill);
    await cable.cut();
  };
  const ended = leave();
  for (;;) {
    const port = Number(/listening on http:\/\/\S+:(\d+)\/mcp\n/u.exec(stderr)?.[1] ?? 0);
    if (port > 0)
      return {
        port,
        pid: child.pid ?? 0,
        cable,
        stderr: () => stderr,
        kill: (signal) => child.kill(signal),
        ended,
      };
    const over = await Promise.race([once(child.stderr, 'data').then(() => false), ended.then(() => true)]);
    if (over) throw new Error(`the replica ended: ${stderr}`);
  }
}
