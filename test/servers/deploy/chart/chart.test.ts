import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import * as z from 'zod';
import { isSystemVariable } from '../../../../servers/contract/systems.ts';
import { version } from '../../../../servers/contract/version.ts';
import { httpVariables } from '../../../../servers/kit/http/settings.ts';
import { exitCodes } from '../../../../src/terminal/exit-codes.ts';
import { chart, openHelm, type Helm } from './helm.ts';
import { problemsOfTypes, type Rendered } from './types.ts';
import { plain, refusedSets, valueSets } from './value-sets.ts';

const objectSchema = z.looseObject({ apiVersion: z.string(), kind: z.string() });
/** Cilium's, for which npm has no types. */
const cilium = z.strictObject({
  apiVersion: z.literal('cilium.io/v2'),
  kind: z.literal('CiliumNetworkPolicy'),
  metadata: z.looseObject({ name: z.string() }),
  spec: z.strictObject({
    endpointSelector: z.strictObject({ matchLabels: z.record(z.string(), z.string()) }),
    egress: z.array(
      z.strictObject({
        toEndpoints: z.array(z.strictObject({ matchLabels: z.record(z.string(), z.string()) })).optional(),
        toFQDNs: z
          .array(z.union([z.strictObject({ matchName: z.string() }), z.strictObject({ matchPattern: z.string() })]))
          .optional(),
        toPorts: z.array(
          z.strictObject({
            ports: z.array(z.strictObject({ port: z.string(), protocol: z.enum(['TCP', 'ANY']) })),
            rules: z.strictObject({ dns: z.array(z.strictObject({ matchPattern: z.string() })) }).optional(),
          }),
        ),
      }),
    ),
  }),
});
const podSchema = z.object({
  spec: z.object({
    template: z.object({
      spec: z.looseObject({
        automountServiceAccountToken: z.boolean(),
        containers: z.array(
          z.looseObject({
            args: z.array(z.string()),
            env: z.array(z.strictObject({ name: z.string(), value: z.string() })),
          }),
        ),
        volumes: z.array(z.looseObject({ name: z.string() })),
      }),
    }),
  }),
});
const metadataSchema = z.object({ metadata: z.object({ name: z.string() }) });
const cronJobSchema = z.object({
  metadata: z.object({ name: z.string() }),
  spec: z.looseObject({
    jobTemplate: z.object({
      spec: z.looseObject({
        backoffLimit: z.int(),
        podFailurePolicy: z.object({ rules: z.array(z.looseObject({ action: z.string() })) }),
        template: z.object({
          spec: z.looseObject({
            containers: z.array(
              z.looseObject({
                args: z.array(z.string()),
                env: z.array(z.looseObject({ name: z.string(), value: z.string().optional() })),
              }),
            ),
          }),
        }),
      }),
    }),
  }),
});
const egressSchema = z.object({
  metadata: z.object({ name: z.string() }),
  spec: z.object({ egress: z.array(z.object({ to: z.array(z.unknown()), ports: z.array(z.unknown()) })) }),
});

let helm: Helm;
let all: readonly Rendered[];

beforeAll(async () => {
  helm = await openHelm();
  const rendered: Rendered[] = [];
  for (const [set, values] of Object.entries(valueSets))
    for (const object of await helm.template(values)) rendered.push({ set, ...objectSchema.parse(object), object });
  all = rendered;
});
afterAll(() => helm.end());

const of = (set: string, kind: string) => all.filter((each) => each.set === set && each.kind === kind);
const egressOf = (set: string, name: string): string =>
  JSON.stringify(
    of(set, 'NetworkPolicy')
      .map(({ object }) => egressSchema.parse(object))
      .find(({ metadata }) => metadata.name === name)?.spec.egress,
  );
const pods = (): { set: string; pod: z.infer<typeof podSchema>['spec']['template']['spec'] }[] =>
  all
    .filter(({ kind }) => ['Deployment', 'Job'].includes(kind))
    .map(({ set, object }) => ({ set, pod: podSchema.parse(object).spec.template.spec }));

describe('the chart', () => {
  it('has the version of the servers', async () => {
    expect(parse(await readFile(`${chart}/Chart.yaml`, 'utf8'))).toMatchObject({ version, appVersion: version });
  });

  it('passes helm lint, warnings counted', async () => {
    expect(await helm.lint(plain)).toContain('0 chart(s) failed');
  });

  it('renders, from ten sets of values, what the types of Kubernetes allow, and no key that they do not know', async () => {
    expect(Object.keys(valueSets)).toHaveLength(10);
    const [ciliums, others] = [true, false].map((is) =>
      all.filter(({ apiVersion }) => apiVersion.startsWith('cilium.io/') === is),
    );
    expect(await problemsOfTypes(others ?? [])).toBe('');
    expect(ciliums).toHaveLength(3);
    for (const { object } of ciliums ?? []) cilium.parse(object);
  });

  it('would be told of a key or a word that Kubernetes does not know', async () => {
    const [policy] = of('plain', 'NetworkPolicy');
    const [job] = of('plain', 'Job');
    if (policy === undefined || job === undefined) throw new Error('not rendered');
    const misspelled = JSON.parse(JSON.stringify(policy.object).replace('"protocol"', '"protokol"')) as unknown;
    const unknown = JSON.parse(JSON.stringify(job.object).replace('"Never"', '"Sometimes"')) as unknown;
    const said = await problemsOfTypes([
      { ...policy, object: misspelled },
      { ...job, object: unknown },
    ]);
    expect(said).toContain('protokol');
    expect(said).toContain('Sometimes');
  });

  it.each(Object.entries(refusedSets))('refuses %s, and does not repeat it', async (_, change) => {
    const refused = await helm.template(change(plain)).then(
      () => 'rendered',
      (error: unknown) => (error instanceof Error && 'stderr' in error ? String(error.stderr) : String(error)),
    );
    expect(refused).toMatch(/values don't meet the specifications|network\.also|metrics\.from/u);
    expect(refused).not.toContain('in-clear');
  });

  it('holds no secret: what is one comes from a file that names a Secret', () => {
    expect(all.filter(({ kind }) => kind === 'Secret')).toEqual([]);
    for (const { set, pod } of pods())
      for (const { name, value } of pod.containers.flatMap(({ env }) => env)) {
        if (!/TOKEN|PAT$|PASSWORD|SECRET|DATABASE_URL|STATE_URL/u.test(name)) continue;
        expect(`${name}=${value}`, set).toMatch(/^\w+_FILE=\/secrets\/\w+$|^\w+=(?:vault|aws-sm):/u);
      }
  });

  it('sets only variables that the servers or runs read, and mounts every file that they name', async () => {
    const documents = ['src/service/README.md', 'src/terminal/README.md'].map((name) => readFile(name, 'utf8'));
    const documented = (await Promise.all(documents)).join('\n');
    for (const { set, pod } of pods()) {
      const volumes = JSON.stringify(pod.volumes);
      const isWorker = pod.containers.some(({ args }) => args.includes('worker'));
      for (const { name, value } of pod.containers.flatMap(({ env }) => env)) {
        const isKnown =
          isSystemVariable(name) ||
          [name, name.replace(/_FILE$/u, '')].some((each) => Object.hasOwn(httpVariables.shape, each)) ||
          (isWorker && documented.includes(`\`${name.replace(/_FILE$/u, '')}`)) ||
          /^(?:HTTPS_PROXY|VAULT_\w+|OTEL_EXPORTER_OTLP_ENDPOINT)$/u.test(name);
        expect(isKnown, `${set}: ${name}`).toBe(true);
        const [, file] = /^\/secrets\/(\w+)$/u.exec(value) ?? [];
        if (file !== undefined) expect(volumes, set).toContain(`"path":"${file}"`);
      }
    }
  });

  it('runs every pod without rights, and without a token unless Vault needs it', () => {
    // Three servers in nine sets, one in the other; the tables are made in nine; two have workers.
    expect(pods()).toHaveLength(9 * 3 + 1 + 9 + 2);
    for (const { set, pod } of pods()) {
      expect(pod, set).toMatchObject({ securityContext: { runAsNonRoot: true, runAsUser: 65_532 } });
      for (const container of pod.containers)
        expect(container, set).toMatchObject({
          securityContext: {
            allowPrivilegeEscalation: false,
            readOnlyRootFilesystem: true,
            capabilities: { drop: ['ALL'] },
          },
        });
    }
    const withToken = pods().filter(({ pod }) => pod.automountServiceAccountToken);
    expect(new Set(withToken.map(({ set }) => set))).toEqual(new Set(['accounts of callers in Vault']));
  });

  it('lets each server reach its upstream and no other', () => {
    const anywhere = '0.0.0.0/0';
    expect(egressOf('plain', 'team-postgres')).toContain('10.20.0.5/32');
    expect(egressOf('plain', 'team-postgres')).not.toContain(anywhere);
    expect(egressOf('plain', 'team-jira')).toContain(anywhere);
    expect(egressOf('plain', 'team-jira')).toContain('169.254.0.0/16');
    expect(egressOf('plain', 'team-jira')).not.toContain('10.20.0.5/32');
    expect(egressOf('plain', 'team-migrate')).not.toContain(anywhere);
    for (const set of ['an egress proxy', 'cilium'])
      for (const server of ['postgres', 'jira', 'slack'])
        expect(egressOf(set, `team-${server}`), `${set}: ${server}`).not.toContain(anywhere);
    expect(egressOf('an egress proxy', 'team-slack')).toContain('10.20.0.3/32');
    expect(JSON.stringify(of('cilium', 'CiliumNetworkPolicy'))).toContain('*.atlassian.net');
  });

  it('lets those scrape who are named, and nobody else', () => {
    const set = 'all about where pods run';
    const ports = (name: string): string => JSON.stringify(of(name, 'NetworkPolicy').map(({ object }) => object));
    expect(ports('plain')).not.toContain('9464');
    expect(ports(set)).toContain('"port":9464}],"from":[{"namespaceSelector"');
    expect(JSON.stringify(of('an ingress', 'Ingress'))).not.toContain('metrics');
    expect(of('plain', 'ServiceMonitor')).toEqual([]);
    expect(of(set, 'ServiceMonitor')[0]?.object).toMatchObject({
      metadata: { labels: { release: 'prometheus' } },
      spec: { endpoints: [{ port: 'metrics', interval: '15s' }] },
    });
    const off = 'tables made by somebody else, no network policy';
    expect(JSON.stringify(of(off, 'Deployment'))).not.toContain('9464');
  });

  it('runs a schedule once for its time, and does not retry what would end alike', () => {
    expect(of('plain', 'CronJob')).toEqual([]);
    const [daily, weekly] = of('all about where pods run', 'CronJob').map(({ object }) => cronJobSchema.parse(object));
    if (daily === undefined || weekly === undefined) throw new Error('not rendered');
    expect(daily).toMatchObject({
      metadata: { name: 'team-run-failed-orders' },
      spec: { schedule: '0 6 * * 1-5', timeZone: 'Europe/Berlin', concurrencyPolicy: 'Forbid' },
    });
    const { podFailurePolicy, template, backoffLimit } = daily.spec.jobTemplate.spec;
    expect(podFailurePolicy.rules[0]).toMatchObject({
      action: 'FailJob',
      onExitCodes: { values: [exitCodes.usage, exitCodes.writeNotGranted, exitCodes.budget, exitCodes.configuration] },
    });
    expect(backoffLimit).toBe(2);
    const [container] = template.spec.containers;
    expect(container?.args).toEqual(
      [
        ['/app/cli.cjs', 'run', '/runbooks/failed-orders.md', '--occasion', 'failed-orders/$(JOB_NAME)'],
        ['--output', 'json', '--accept-grants', '--policy', '/runbooks/policy.yaml'],
        ['--param', 'channel=#operations', '--param', 'threshold=5'],
      ].flat(),
    );
    const value = (name: string) => container?.env.find((each) => each.name === name)?.value;
    expect(value('SWITCHBOARD_MODEL')).toBe('claude-opus-5');
    expect(value('ANTHROPIC_API_KEY_FILE')).toBe('/secrets/ANTHROPIC_API_KEY');
    expect(JSON.stringify(template.spec)).toContain('state-worker');
    expect(template.spec).toMatchObject({ restartPolicy: 'Never', automountServiceAccountToken: false });
    expect(weekly.spec.jobTemplate.spec.template.spec.containers[0]?.args).not.toContain('--accept-grants');
    expect(weekly).toMatchObject({ spec: { suspend: true, jobTemplate: { spec: { activeDeadlineSeconds: 600 } } } });
    expect(egressOf('all about where pods run', 'team-run-weekly')).toContain('10.20.0.5/32');
  });

  it('runs workers with what runs are given, and leads to nothing of them but what they serve', () => {
    expect(of('plain', 'Deployment').map(({ object }) => metadataSchema.parse(object).metadata.name)).not.toContain(
      'team-worker',
    );
    const set = 'all about where pods run';
    const found = pods().find(({ set: of, pod }) => of === set && pod.containers[0]?.args.includes('worker'));
    if (found === undefined) throw new Error('not rendered');
    const [container] = found.pod.containers;
    expect(container?.args).toEqual(
      [
        ['/app/cli.cjs', 'worker', '--http', '0.0.0.0:8080'],
        ['--triggers', '/triggers/triggers.yaml', '--policy', '/runbooks/policy.yaml'],
      ].flat(),
    );
    const variables = Object.fromEntries((container?.env ?? []).map(({ name, value }) => [name, value]));
    expect(variables).toMatchObject({
      SWITCHBOARD_SERVICE_URL: 'https://mcp.example.com',
      SWITCHBOARD_SLACK_BOT_TOKEN_FILE: '/secrets/SWITCHBOARD_SLACK_BOT_TOKEN',
      SWITCHBOARD_WORKER_DRAIN_SECONDS: '60',
      ANTHROPIC_API_KEY_FILE: '/secrets/ANTHROPIC_API_KEY',
    });
    // The image starts in /app, which is then the workspace.
    expect(JSON.stringify(found.pod)).toContain('"mountPath":"/app/.switchboard/runbooks"');
    expect(found.pod).toMatchObject({ terminationGracePeriodSeconds: 80, automountServiceAccountToken: false });
    expect(JSON.stringify(found.pod)).toContain('state-worker');
    expect(egressOf(set, 'team-worker')).toBe(egressOf(set, 'team-run-weekly'));
    for (const [routes, kind] of [
      [set, 'Ingress'],
      ['a gateway', 'HTTPRoute'],
    ] as const) {
      const text = JSON.stringify(of(routes, kind));
      for (const path of ['/hooks', '/slack', '/approvals', '/runs', '/login']) expect(text).toContain(`"${path}"`);
      for (const path of ['/livez', '/readyz', '/metrics']) expect(text).not.toContain(path);
    }
  });
});
