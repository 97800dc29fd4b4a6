interface Values {
  readonly [key: string]: unknown;
}

const postgres = {
  secrets: { DATABASE_URL: { secret: 'orders', key: 'url' } },
  egress: [{ cidr: '10.20.0.5/32', port: 5432 }],
};
const jira = {
  env: { JIRA_URL: 'https://example.atlassian.net', JIRA_EMAIL: 'bot@example.com' },
  secrets: { JIRA_TOKEN: { secret: 'jira', key: 'token' } },
};
const slack = { secrets: { SLACK_BOT_TOKEN: { secret: 'slack', key: 'bot-token' } } };
const state = {
  url: { secret: 'state', key: 'url' },
  egress: { cidr: '10.20.0.9/32', port: 5432 },
  migrate: { url: { secret: 'state-owner', key: 'url' } },
};
const runs = {
  state: { secret: 'state-worker', key: 'url' },
  env: { ...jira.env, SWITCHBOARD_MODEL: 'claude-sonnet-5-5' },
  secrets: {
    ...postgres.secrets,
    ...jira.secrets,
    ...slack.secrets,
    ANTHROPIC_API_KEY: { secret: 'anthropic', key: 'k' },
  },
  configMap: 'runbooks',
  policyKey: 'policy.yaml',
  egress: postgres.egress,
};
const schedules = {
  'failed-orders': {
    cron: '0 6 * * 1-5',
    timeZone: 'Europe/Berlin',
    runbook: 'failed-orders',
    parameters: { threshold: 5, channel: '#operations' },
    acceptGrants: true,
    env: { SWITCHBOARD_MODEL: 'claude-opus-5' },
  },
  weekly: { cron: '@weekly', runbook: 'failed-orders', maxSeconds: 600, suspend: true },
};
const worker = {
  enabled: true,
  configMap: 'triggers',
  env: { SWITCHBOARD_SLACK_TEAM: 'T0TEAM001' },
  secrets: { SWITCHBOARD_SLACK_BOT_TOKEN: { secret: 'approvals', key: 'token' } },
};
const issuer = 'https://login.example.com/realms/team';

/** What a first installation gives. */
export const plain = {
  url: 'https://mcp.example.com',
  auth: { issuer },
  state,
  servers: { postgres, jira, slack },
  network: { also: [{ cidr: '10.20.0.7/32', port: 443 }] },
} satisfies Values;

/** By what each is about. */
export const valueSets: Readonly<Record<string, Values>> = {
  plain,
  'handed-out tokens and groups': {
    ...plain,
    auth: { tokens: { secret: 'tokens', key: 'tokens' } },
    policy: { configMap: 'groups', key: 'policy.yaml' },
    network: {},
  },
  'jira alone': {
    ...plain,
    servers: { postgres: { enabled: false }, jira, slack: { enabled: false } },
    replicas: { min: 1, max: 1 },
  },
  'an ingress': {
    ...plain,
    ingress: {
      enabled: true,
      className: 'nginx',
      tlsSecret: 'mcp-tls',
      annotations: { 'nginx.org/proxy-buffering': 'false' },
    },
  },
  'a gateway': {
    ...plain,
    runs,
    worker,
    gateway: { enabled: true, parent: { name: 'public', namespace: 'gateways', sectionName: 'https' } },
    network: {
      ...plain.network,
      from: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'gateways' } } }],
    },
  },
  'an egress proxy': {
    ...plain,
    network: { proxy: { url: 'http://proxy.example:3128', cidr: '10.20.0.3/32', port: 3128 } },
  },
  cilium: { ...plain, network: { cilium: true } },
  'accounts of callers in Vault': {
    ...plain,
    servers: {
      ...plain.servers,
      jira: {
        env: {
          JIRA_URL: 'https://example.atlassian.net',
          JIRA_EMAIL: '{email}',
          JIRA_TOKEN: 'vault:kv/users/{sub}#jira',
          VAULT_ADDR: 'https://vault.example.com',
          VAULT_K8S_ROLE: 'switchboard',
        },
      },
    },
    serviceAccount: { mountToken: true, annotations: { 'eks.amazonaws.com/role-arn': 'arn:aws:iam::1:role/x' } },
  },
  'tables made by somebody else, no network policy': {
    ...plain,
    state: { ...state, migrate: { enabled: false } },
    network: { enabled: false },
    metrics: { enabled: false },
  },
  'all about where pods run': {
    ...plain,
    image: {
      repository: 'registry.example/team/switchboard',
      digest: `sha256:${'a'.repeat(64)}`,
      pullPolicy: 'Always',
      pullSecrets: [{ name: 'pull' }],
    },
    auth: { issuer, audience: ['switchboard', 'https://mcp.example.com'], tokens: { secret: 'tokens', key: 't' } },
    state: { ...state, migrate: { ...state.migrate, role: 'app', auditor: 'auditor', worker: 'worker' } },
    runs,
    schedules,
    worker: { ...worker, replicas: 3, drainSeconds: 60 },
    ingress: { enabled: true, tlsSecret: 'mcp-tls' },
    metrics: {
      from: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'monitoring' } } }],
      serviceMonitor: { enabled: true, interval: '15s', labels: { release: 'prometheus' } },
      rules: { enabled: true, labels: { release: 'prometheus' } },
    },
    tracing: { endpoint: 'http://collector.observability:4318' },
    podAnnotations: { team: 'platform' },
    nodeSelector: { pool: 'tools' },
    tolerations: [{ key: 'tools', operator: 'Exists', effect: 'NoSchedule' }],
    priorityClassName: 'high',
    resources: { requests: { cpu: '1', memory: '1Gi' }, limits: { memory: '1Gi', cpu: '2' } },
  },
};

type Change = (values: typeof plain) => Values;
const withJira =
  (changed: Values): Change =>
  (values) => ({ ...values, servers: { ...values.servers, jira: { ...jira, ...changed } } });

/** What must not install. */
export const refusedSets: Readonly<Record<string, Change>> = {
  'a token as a setting': withJira({ env: { ...jira.env, JIRA_TOKEN: 'ATATT-in-clear' } }),
  'a personal access token as a setting': withJira({ env: { ...jira.env, JIRA_PAT: 'in-clear' } }),
  'a password within a URL': withJira({ env: { ...jira.env, HTTPS_PROXY: 'http://user:in-clear@proxy.example' } }),
  'a value in the place of a name of a secret': withJira({ secrets: { JIRA_TOKEN: 'in-clear' } }),
  'a secret without its key': withJira({ secrets: { JIRA_TOKEN: { secret: 'jira' } } }),
  'a misspelled value': (values) => ({ ...values, replica: { min: 2 } }),
  'a misspelled value of a server': withJira({ enviroment: {} }),
  'a server that there is not': (values) => ({ ...values, servers: { ...values.servers, github: { enabled: true } } }),
  'nobody who says who calls': (values) => ({ ...values, auth: {} }),
  'a public address without TLS': (values) => ({ ...values, url: 'http://mcp.example.com' }),
  'a schedule without its runbook': (values) => ({ ...values, runs, schedules: { nightly: { cron: '@daily' } } }),
  'a schedule with a misspelled value': (values) => ({
    ...values,
    runs,
    schedules: { nightly: { ...schedules.weekly, acceptGrant: true } },
  }),
  'a schedule with a key as a setting': (values) => ({
    ...values,
    runs: { ...runs, env: { ANTHROPIC_API_KEY: 'in-clear' } },
    schedules,
  }),
  'a time that is none': (values) => ({
    ...values,
    runs,
    schedules: { nightly: { ...schedules.weekly, cron: 'daily' } },
  }),
  'a schedule without a state database of its role': (values) => ({ ...values, schedules }),
  'a worker without its triggers': (values) => ({ ...values, runs, worker: { enabled: true } }),
  'a worker without a state database of its role': (values) => ({ ...values, worker }),
  'a worker with a secret as a setting': (values) => ({
    ...values,
    runs,
    worker: { ...worker, env: { SWITCHBOARD_SLACK_SIGNING_SECRET: 'in-clear' } },
  }),
  'no state database': (values) => ({ ...values, state: {} }),
  'an ingress without TLS': (values) => ({ ...values, ingress: { enabled: true } }),
  'a migration without its owner': (values) => ({ ...values, state: { ...state, migrate: { enabled: true } } }),
  'an authorization server that postgres could not reach': (values) => ({ ...values, network: {} }),
  'a scraper that the network policy would not let in': (values) => ({
    ...values,
    metrics: { serviceMonitor: { enabled: true } },
  }),
  'a collector with a password': (values) => ({
    ...values,
    tracing: { endpoint: 'http://user:in-clear@collector.example' },
  }),
  'a proxy with a password': (values) => ({
    ...values,
    network: { proxy: { url: 'http://user:in-clear@proxy.example:3128', cidr: '10.0.0.1/32' } },
  }),
};
