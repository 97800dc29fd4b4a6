// npm run service:demo: from nothing to a filed ticket, on one machine, with packages of Debian and npm alone. The image is
// built and the objects of the chart are run as they would be in a cluster; a rule of a real Prometheus starts the runbook.
// Needs root, and Debian's buildah, podman, runc, prometheus and prometheus-alertmanager.
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { stringify } from 'yaml';
import { openHelm } from '../../servers/deploy/chart/helm.ts';
import { finished, startCli } from '../command-line.ts';
import { startStack, type Stack } from '../stack.ts';
import { ourApp } from '../slack/press.ts';
import { startOtlpSink, type OtlpSink } from '../telemetry/otlp-sink.ts';
import { commandPod } from './command-pod.ts';
import { freePorts } from './free-ports.ts';
import { runnableObjects } from './kube.ts';
import { startMonitoring } from './monitoring.ts';
import { jane, omar, startPeople } from './people.ts';
import { openPodman, type Podman } from './podman.ts';
import { until } from './program.ts';
import { createSay } from './say.ts';
import { prepareTeam, type TeamValues } from './team-values.ts';

const image = { repository: 'localhost/switchboard', tag: 'demo' };
const servers = ['postgres', 'jira', 'slack'] as const;
const say = createSay();

type Ports = Readonly<Record<(typeof servers)[number], number>>;
type End = () => Promise<unknown>;

interface Place {
  readonly ports: Ports;
  /** Of the figures of each server. */
  readonly metrics: Ports;
  /** Where traces are sent. */
  readonly collector: string;
  /** Of the files of secrets. */
  readonly folder: string;
}

/** The migration ends first, as the hook of the chart does it; then the servers start. */
async function startServers(podman: Podman, team: TeamValues, place: Place): Promise<void> {
  const { ports, metrics, collector, folder } = place;
  const helm = await openHelm();
  const rendered = await helm.template(team.values);
  await helm.end();
  const portOf = new Map<string, number>(Object.entries(ports));
  const metricsOf = new Map<string, number>(Object.entries(metrics));
  const objects = await runnableObjects(rendered, {
    secrets: team.secrets,
    portOf: (container) => portOf.get(container) ?? 0,
    variables: (container) => ({
      OTEL_EXPORTER_OTLP_ENDPOINT: collector,
      SWITCHBOARD_METRICS_HOST: '127.0.0.1',
      SWITCHBOARD_METRICS_PORT: String(metricsOf.get(container) ?? 'off'),
    }),
    folder,
  });
  say(`The chart has ${rendered.length} objects; podman runs the ${objects.length} that are processes.`);
  for (const { name, object } of objects.filter(({ kind }) => kind === 'Pod')) {
    const [container = ''] = await podman.play(name, [object]);
    const code = await podman.wait(container);
    if (code !== 0) throw new Error(`${name} ended with ${code}: ${await podman.logs(container)}`);
    say(`${name}: the tables of the state database are there.`);
  }
  for (const { name, object } of objects.filter(({ kind }) => kind === 'Deployment')) await podman.play(name, [object]);
  for (const server of servers) {
    await until(`${server} is ready`, 60_000, () => isReady(ports[server]));
    say(`team-${server}: ready, as user 65532 on a root that cannot be written.`);
  }
}

async function portsOfServers(): Promise<Ports> {
  const [postgres = 0, jira = 0, slack = 0] = await freePorts(3);
  return { postgres, jira, slack };
}

async function isReady(port: number): Promise<true | undefined> {
  const response = await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => undefined);
  return response?.ok === true ? true : undefined;
}

async function demo(ends: End[]): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'switchboard-service-'));
  ends.push(() => rm(folder, { recursive: true, force: true }));
  const podman = await openPodman();
  ends.push(podman.stop);
  say('Starting PostgreSQL 18, stand-ins for Jira, Slack and Claude, and building the image ...');
  const [stack] = await Promise.all([
    startStack({ claude: { paceMs: 0 } }),
    podman.build(`${image.repository}:${image.tag}`),
  ]);
  ends.push(() => stack.stop());
  const team = await prepareTeam(stack, image);
  const [worker = 0, prometheus = 0, alertmanager = 0] = await freePorts(3);
  const [ports, metrics] = [await portsOfServers(), await portsOfServers()];
  const sink = await startOtlpSink();
  ends.push(sink.stop);
  const collector = sink.endpoint;
  await startServers(podman, team, { ports, metrics, collector, folder: join(folder, 'secrets') });

  const before = countOf(stack);
  const given = join(folder, 'given');
  await mkdir(given);
  const approvals = stack.slack.workspace.channel('payments-oncall')?.id ?? '';
  await writeFile(join(given, 'policy.yaml'), policyOf(approvals));
  await writeFile(join(given, 'triggers.yaml'), stringify(triggers));
  const [signingSecret, webhookToken] = [randomBytes(16).toString('hex'), randomBytes(24).toString('hex')];
  await podman.play('worker', [
    commandPod({
      name: 'worker',
      image: `${image.repository}:${image.tag}`,
      given,
      words: [
        'worker',
        '--http',
        `127.0.0.1:${worker}`,
        '--triggers',
        '/given/triggers.yaml',
        '--policy',
        '/given/policy.yaml',
      ],
      variables: {
        ...workerVariables(stack, team, ports),
        SWITCHBOARD_SLACK_SIGNING_SECRET: signingSecret,
        SHOP_WEBHOOK_TOKEN: webhookToken,
        OTEL_EXPORTER_OTLP_ENDPOINT: collector,
      },
    }),
  ]);
  await until('the worker is ready', 60_000, () => isReady(worker));
  say('worker: ready for webhooks. It posts what waits for an approval to #payments-oncall.');
  const origin = `http://127.0.0.1:${worker}`;
  const requestUrl = `${origin}/slack/interactions`;
  ends.push(startPeople({ slack: stack.slack, channel: approvals, requestUrl, signingSecret, say }));

  const monitoring = await startMonitoring({
    database: stack.database.url,
    webhook: { url: `${origin}/hooks/shop`, token: webhookToken },
    targets: Object.values(metrics).map((port) => `127.0.0.1:${port}`),
    folder: join(folder, 'monitoring'),
    ports: { prometheus, alertmanager },
  });
  ends.push(monitoring.stop);
  const failed = await until('Prometheus measures the shop', 60_000, () => monitoring.query('shop_failed_orders'));
  say(`Prometheus: ${failed} orders failed; its rule fires above 5.`);
  const run = await endOfRun(team.stateUrl);
  say(`The run for '${run.name}' ended: ${run.reason}.`);
  report(stack, before);
  const verified = await finished(
    startCli(['audit', 'verify', '--state'], { environment: { SWITCHBOARD_STATE_URL: team.stateUrl } }),
  );
  if (verified.code !== 0) throw new Error(`The audit log is not whole: ${verified.stdout}${verified.stderr}`);
  say('Audit log: every chain is whole.');
  const calls = await until('Prometheus has the calls', 30_000, async () => {
    const sum = await monitoring.query('sum(switchboard_tool_calls_total)');
    return sum === 0 ? undefined : sum;
  });
  say(
    `Prometheus: ${await monitoring.query('sum(up{job="switchboard"})')} servers are up, and count ${calls} calls of tools.`,
  );
  const trace = await until('the collector has the trace of the run', 30_000, () => Promise.resolve(traceOf(sink)));
  say(trace);
}

/** Waits for the run that the alert started, of which there is one however often the alert is told. */
async function endOfRun(stateUrl: string): Promise<{ name: string; reason: string }> {
  const client = new Client({ connectionString: stateUrl });
  await client.connect();
  try {
    return await until('the run ends', 120_000, async () => {
      const { rows } = await client.query<{ name: string; state: string; reason: string }>(
        'select name, state, reason from switchboard.occasion',
      );
      if (rows.length > 1) throw new Error(`One alert started ${rows.length} runs.`);
      return rows.find(({ state }) => state === 'ended');
    });
  } finally {
    await client.end();
  }
}

const triggers = {
  triggers: {
    shop: {
      from: 'alertmanager',
      secret: 'env:SHOP_WEBHOOK_TOKEN',
      runs: [{ runbook: 'failed-orders', when: { 'labels.alertname': 'OrdersFail' } }],
    },
  },
};

function policyOf(channel: string): string {
  return stringify({ grants: [], approvals: [{ post: channel, people: [jane, omar], wait: '2m' }] });
}

/** A worker has the model's key, a token for the servers, and an app of its own in Slack: no secret of a system. */
function workerVariables(
  { slack, environment }: Stack,
  { token, workerUrl }: TeamValues,
  ports: Ports,
): Record<string, string> {
  const { ANTHROPIC_API_KEY = '', ANTHROPIC_BASE_URL = '' } = environment;
  const remotes = servers.flatMap((server) => {
    const name = `SWITCHBOARD_REMOTE_${server.toUpperCase()}`;
    return [[name, `http://127.0.0.1:${ports[server]}/mcp`] as const, [`${name}_TOKEN`, token] as const];
  });
  return {
    ANTHROPIC_API_KEY,
    ANTHROPIC_BASE_URL,
    ...Object.fromEntries(remotes),
    SWITCHBOARD_STATE_URL: workerUrl,
    SWITCHBOARD_SERVICE_URL: 'https://switchboard.example.com',
    SWITCHBOARD_SLACK_BOT_TOKEN: slack.token,
    SWITCHBOARD_SLACK_TEAM: slack.workspace.team.id,
    SWITCHBOARD_SLACK_APP: ourApp,
    SWITCHBOARD_SLACK_API_URL: slack.apiUrl,
  };
}

function countOf({ jira, slack }: Stack) {
  return { issues: jira.issues().length, messages: slack.messages('#operations').length };
}

/** From the systems themselves. @throws unless there is one ticket and one post */
function report(stack: Stack, before: ReturnType<typeof countOf>): void {
  const issues = stack.jira.issues().slice(before.issues);
  const messages = stack.slack.messages('#operations').slice(before.messages);
  for (const { key } of issues) say(`Jira: ${key}`);
  for (const { ts } of messages) say(`Slack: #operations ${ts}`);
  if (issues.length !== 1 || messages.length !== 1)
    throw new Error(`There should be one ticket and one post, not ${issues.length} and ${messages.length}.`);
}

/** The trace of the run, once it has come from the run and from all three servers. */
function traceOf(sink: OtlpSink): string | undefined {
  const root = sink.spans().find(({ name }) => name.startsWith('invoke_agent'));
  const spans = sink.spans().filter(({ traceId }) => traceId === root?.traceId);
  const services = new Set(spans.map(({ service }) => String(service)));
  if (services.size <= servers.length) return undefined;
  return `Trace ${root?.traceId}: ${spans.length} spans of ${[...services].toSorted().join(', ')}.`;
}

function missingPrograms(): readonly string[] {
  const programs = ['buildah', 'podman', 'runc', 'prometheus', 'prometheus-alertmanager'];
  return programs.filter((program) => spawnSync(program, ['--version'], { stdio: 'ignore' }).error !== undefined);
}

const missing = missingPrograms();
if (process.getuid?.() !== 0 || missing.length > 0) {
  console.error(`service:demo needs root, and: apt-get install ${missing.join(' ') || 'nothing more'}`);
  process.exitCode = 1;
} else {
  const ends: End[] = [];
  const stop = async (): Promise<void> => {
    for (const end of ends.splice(0).toReversed()) await end();
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => void stop().then(() => process.exit(130)));
  try {
    await demo(ends);
    say('Done.');
  } catch (error) {
    process.stderr.write(`service:demo: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  } finally {
    await stop();
  }
}
