import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { listen } from '../stack/listen.ts';
import { startWatchdog } from '../stack/watchdog.ts';

/** The load balancer of the replicas. */
export interface Nginx {
  readonly port: number;
  readonly pid: number;
  /** Balances over these ports from now on; running requests are not disturbed. */
  readonly pointTo: (ports: readonly number[]) => Promise<void>;
  readonly stop: () => Promise<void>;
}

/** Installs nginx if that is possible. @throws Error that says what is needed */
export function requireNginx(): void {
  if (spawnSync('nginx', ['-v']).status === 0) return;
  const isRoot = process.getuid?.() === 0;
  if (isRoot) {
    const quiet = { stdio: 'ignore', env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } } as const;
    spawnSync('apt-get', ['update'], quiet);
    spawnSync('apt-get', ['install', '-y', '--no-install-recommends', 'nginx-light'], quiet);
    if (spawnSync('nginx', ['-v']).status === 0) return;
  }
  throw new Error('nginx is needed: apt-get install nginx-light (as root on Debian, it is installed by itself)');
}

export async function startNginx(ports: readonly number[]): Promise<Nginx> {
  requireNginx();
  const folder = await mkdtemp(join(tmpdir(), 'switchboard-nginx-'));
  await mkdir(join(folder, 'temp'));
  const port = await freePort();
  let generation = 0;
  const file = join(folder, 'nginx.conf');
  const write = async (to: readonly number[]): Promise<void> => {
    generation += 1;
    await writeFile(file, configuration(folder, port, to, generation));
  };
  /** Until the workers with the configuration as written answer. */
  const settled = async (): Promise<void> => {
    for (;;) {
      const response = await fetch(`http://127.0.0.1:${port}/generation`).catch(() => undefined);
      if ((await response?.text()) === String(generation)) return;
      if (child.exitCode !== null) throw new Error(await readFile(join(folder, 'error.log'), 'utf8'));
      await wait(10);
    }
  };
  await write(ports);
  const child = spawn('nginx', ['-c', file, '-p', folder, '-e', join(folder, 'error.log')], { stdio: 'ignore' });
  const ended = once(child, 'close');
  const watchdog = startWatchdog('kill -TERM "$1"; rm -rf "$2"', String(child.pid), folder);
  await settled();
  return {
    port,
    pid: child.pid ?? 0,
    pointTo: async (to) => {
      await write(to);
      child.kill('SIGHUP');
      await settled();
    },
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
      watchdog.kill('SIGKILL');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A replica that does not answer is left out for a second. What was sent to one is never sent to another. */
function configuration(folder: string, port: number, to: readonly number[], generation: number): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${folder}/temp/${name};`,
  );
  return `
    ${process.getuid?.() === 0 ? 'user root;' : ''}
    daemon off;
    worker_processes 1;
    pid ${folder}/nginx.pid;
    events { worker_connections 2048; }
    http {
      access_log off;
      ${temporary.join('\n      ')}
      client_max_body_size 5m;
      upstream replicas {
        ${to.map((each) => `server 127.0.0.1:${each} max_fails=1 fail_timeout=1s;`).join('\n        ')}
        keepalive 64;
      }
      server {
        listen 127.0.0.1:${port};
        location = /generation { return 200 ${generation}; }
        location / {
          proxy_pass http://replicas;
          proxy_http_version 1.1;
          proxy_set_header Connection "";
          proxy_set_header Host $host;
          proxy_connect_timeout 2s;
          proxy_buffering off;
        }
      }
    }`;
}

async function freePort(): Promise<number> {
  const probe = createServer();
  const port = await listen(probe);
  probe.close();
  await once(probe, 'close');
  return port;
}
