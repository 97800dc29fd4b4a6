import { execFile } from 'node:child_process';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Where the types of what the chart may hold are. A kind that is not here is an error. */
const modules: Readonly<Record<string, string>> = {
  'v1/Service': 'kubernetes-models/v1/Service',
  'v1/ServiceAccount': 'kubernetes-models/v1/ServiceAccount',
  'apps/v1/Deployment': 'kubernetes-models/apps/v1/Deployment',
  'batch/v1/CronJob': 'kubernetes-models/batch/v1/CronJob',
  'batch/v1/Job': 'kubernetes-models/batch/v1/Job',
  'policy/v1/PodDisruptionBudget': 'kubernetes-models/policy/v1/PodDisruptionBudget',
  'autoscaling/v2/HorizontalPodAutoscaler': 'kubernetes-models/autoscaling/v2/HorizontalPodAutoscaler',
  'networking.k8s.io/v1/NetworkPolicy': 'kubernetes-models/networking.k8s.io/v1/NetworkPolicy',
  'networking.k8s.io/v1/Ingress': 'kubernetes-models/networking.k8s.io/v1/Ingress',
  'monitoring.coreos.com/v1/ServiceMonitor':
    '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/ServiceMonitor',
  'monitoring.coreos.com/v1/PrometheusRule':
    '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/PrometheusRule',
  'gateway.networking.k8s.io/v1/HTTPRoute': '@kubernetes-models/gateway-api/gateway.networking.k8s.io/v1/HTTPRoute',
};

export interface Rendered {
  readonly set: string;
  readonly apiVersion: string;
  readonly kind: string;
  readonly object: unknown;
}

/** What Kubernetes' own types say against the objects, all in one run of the compiler; an unknown key is an error. */
export async function problemsOfTypes(objects: readonly Rendered[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'switchboard-types-'));
  try {
    const lines = objects.map(({ set, apiVersion, kind, object }, index) => {
      const from = modules[`${apiVersion}/${kind}`];
      if (from === undefined) throw new Error(`${set}: nothing says what a ${apiVersion} ${kind} is`);
      return `// ${set}\nimport type { I${kind} as T${index} } from '${from}';\nexport const o${index}: T${index} = ${JSON.stringify(object)};`;
    });
    await writeFile(join(folder, 'objects.ts'), lines.join('\n'));
    await writeFile(join(folder, 'package.json'), '{"type": "module"}');
    await symlink(resolve('node_modules'), join(folder, 'node_modules'));
    const options = [
      '--noEmit',
      '--strict',
      '--skipLibCheck',
      '--types',
      '',
      '--module',
      'preserve',
      '--target',
      'es2023',
    ];
    const tsc = resolve('node_modules/typescript/bin/tsc');
    return await run(process.execPath, [tsc, ...options, 'objects.ts'], { cwd: folder }).then(
      () => '',
      (error: unknown) => (error instanceof Error && 'stdout' in error ? String(error.stdout) : String(error)),
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
