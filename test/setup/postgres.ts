import type { TestProject } from 'vitest/node';
import { startCluster } from '../stack/database/cluster.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** One cluster for all files of a run: each file creates databases of its own in it. */
    postgres: { host: string; port: number; superuser: { user: string; password: string } };
  }
}

const using = new Set(['servers', 'e2e', 'vscode', 'figures']);

/** Once for all projects of a run that use it. */
export default async function setup(root: TestProject): Promise<(() => Promise<void>) | undefined> {
  if (!root.vitest.projects.some(({ name }) => using.has(name))) return undefined;
  const { host, port, superuser, stop } = await startCluster();
  root.provide('postgres', { host, port, superuser });
  return stop;
}
