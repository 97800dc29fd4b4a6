import type { TestProject } from 'vitest/node';
import { startCluster } from '../stack/database/cluster.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** One cluster for all files of a run: each file creates databases of its own in it. */
    postgres: { host: string; port: number; superuser: { user: string; password: string } };
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { host, port, superuser, stop } = await startCluster();
  project.provide('postgres', { host, port, superuser });
  return stop;
}
