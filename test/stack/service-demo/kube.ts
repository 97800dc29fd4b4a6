import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';

/** What takes the place of a cluster for the objects of the chart. */
interface Surroundings {
  /** Values of Secrets, by name and key. */
  readonly secrets: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** The port of each container, since all share the network of this machine. */
  readonly portOf: (container: string) => number;
  /** Variables that differ here: ports, and addresses of what stands in. */
  readonly variables: (container: string) => Readonly<Record<string, string>>;
  /** Where files of secrets are written. */
  readonly folder: string;
}

const volumeSchema = z.looseObject({
  name: z.string(),
  projected: z
    .object({
      sources: z.array(
        z.object({
          secret: z.object({ name: z.string(), items: z.array(z.object({ key: z.string(), path: z.string() })) }),
        }),
      ),
    })
    .optional(),
});
const containerSchema = z.looseObject({
  name: z.string(),
  args: z.array(z.string()),
  env: z.array(z.looseObject({ name: z.string(), value: z.string() })).default([]),
});
const templateSchema = z.looseObject({
  spec: z.looseObject({ containers: z.array(containerSchema), volumes: z.array(volumeSchema).default([]) }),
});
const workloadSchema = z.looseObject({
  kind: z.enum(['Deployment', 'Job']),
  metadata: z.looseObject({ name: z.string() }),
  spec: z.looseObject({ template: templateSchema }),
});
const kindSchema = z.looseObject({ kind: z.string() });

export interface Runnable {
  readonly name: string;
  readonly kind: 'Deployment' | 'Pod';
  readonly object: unknown;
}

/**
 * What `podman kube play` can run of the rendered objects, changed no more than it needs: the network of this machine,
 * no probes (nothing drives them), files of secrets from a folder, and a Pod instead of a Job.
 */
export async function runnableObjects(objects: readonly unknown[], around: Surroundings): Promise<readonly Runnable[]> {
  const workloads = objects.filter((object) => ['Deployment', 'Job'].includes(kindSchema.parse(object).kind));
  return Promise.all(
    workloads.map(async (each) => {
      const workload = workloadSchema.parse(each);
      const { name } = workload.metadata;
      const template = await runnableTemplate(name, workload.spec.template, around);
      if (workload.kind === 'Deployment')
        return { name, kind: 'Deployment', object: { ...workload, spec: { ...workload.spec, template } } } as const;
      const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec: template.spec };
      return { name, kind: 'Pod', object: pod } as const;
    }),
  );
}

async function runnableTemplate(name: string, template: z.infer<typeof templateSchema>, around: Surroundings) {
  const { topologySpreadConstraints: _, ...spec } = template.spec;
  const volumes = await Promise.all(
    spec.volumes.map(async ({ projected, ...volume }) => {
      if (projected === undefined) return volume;
      const path = join(around.folder, name, volume.name);
      await writeSecrets(path, projected.sources, around.secrets);
      return { name: volume.name, hostPath: { path, type: 'Directory' } };
    }),
  );
  const containers = spec.containers.map((container) => {
    const { ports: __, startupProbe: ___, livenessProbe: ____, readinessProbe: _____, ...rest } = container;
    const more = new Map(Object.entries(around.variables(container.name)));
    return {
      ...rest,
      imagePullPolicy: 'Never',
      args: container.args.map((word) =>
        word.startsWith('0.0.0.0:') ? `127.0.0.1:${around.portOf(container.name)}` : word,
      ),
      env: [
        ...container.env.filter((each) => !more.has(each.name)),
        ...[...more].map(([key, value]) => ({ name: key, value })),
      ],
    };
  });
  return { ...template, spec: { ...spec, hostNetwork: true, containers, volumes } };
}

type Sources = NonNullable<z.infer<typeof volumeSchema>['projected']>['sources'];

/** Readable for the user of the containers; the folder around them keeps others out. */
async function writeSecrets(path: string, sources: Sources, secrets: Surroundings['secrets']): Promise<void> {
  await mkdir(path, { recursive: true });
  for (const { secret } of sources)
    for (const { key, path: file } of secret.items) {
      const value = secrets[secret.name]?.[key];
      if (value === undefined) throw new Error(`The chart asks for the secret ${secret.name}/${key}.`);
      await writeFile(join(path, file), value);
      await chmod(join(path, file), 0o444);
    }
}
