import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { stringify } from 'yaml';
import { buildImage } from '../image.ts';

const execute = promisify(execFile);

/** Images and pods in a place of their own, by Debian's buildah and podman as root: no daemon and no registry. */
export interface Podman {
  readonly build: (tag: string) => Promise<void>;
  /** Starts Kubernetes objects. @returns the containers' names. */
  readonly play: (name: string, objects: readonly unknown[]) => Promise<readonly string[]>;
  readonly logs: (container: string) => Promise<string>;
  /** The exit code, once it has ended. */
  readonly wait: (container: string) => Promise<number>;
  readonly kill: (container: string) => Promise<void>;
  /** Ends everything and removes all that was stored. */
  readonly stop: () => Promise<void>;
}

/** Without a control group of its own (in a container, on an old kernel), limits are set here and nothing else is asked of it. */
const configuration = `[containers]
default_ulimits = ["nofile=1024:1024", "nproc=4096:4096"]
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
`;

export async function openPodman(): Promise<Podman> {
  const folder = await mkdtemp(join(tmpdir(), 'switchboard-podman-'));
  const store = { root: join(folder, 'root'), runroot: join(folder, 'run') };
  const file = join(folder, 'containers.conf');
  await writeFile(file, configuration);
  await mkdir(join(folder, 'objects'));
  const environment = { ...process.env, CONTAINERS_CONF: file };
  const where = ['--root', store.root, '--runroot', store.runroot, '--storage-driver', 'overlay'];
  const podman = async (...words: readonly string[]): Promise<string> => {
    const { stdout } = await execute('podman', [...where, ...words], { env: environment, maxBuffer: 64 << 20 });
    return stdout;
  };
  const played: string[] = [];
  return {
    build: async (tag) => void (await buildImage(tag, store)),
    play: async (name, objects) => {
      const path = join(folder, 'objects', `${name}.yaml`);
      await writeFile(path, objects.map((object) => stringify(object)).join('---\n'));
      played.push(path);
      await podman('kube', 'play', path);
      const names = await podman('ps', '--all', '--format', '{{.Names}} {{.IsInfra}}');
      const all = names.split('\n').filter((line) => line.startsWith(`${name}-`) && line.endsWith(' false'));
      return all.map((line) => line.slice(0, -' false'.length));
    },
    logs: async (container) => {
      const { stdout, stderr } = await execute('podman', [...where, 'logs', container], { env: environment });
      return `${stdout}${stderr}`;
    },
    wait: async (container) => Number((await podman('wait', container)).trim()),
    kill: async (container) => void (await podman('kill', container)),
    stop: async () => {
      for (const path of played.toReversed()) await podman('kube', 'down', path).catch(() => undefined);
      await podman('system', 'reset', '--force').catch(() => undefined);
      await rm(folder, { recursive: true, force: true });
    },
  };
}
