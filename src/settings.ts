import * as z from 'zod';
import { jiraGiven, jiraSecrets, jiraSettings } from './settings/jira.ts';
import { postgresGiven, postgresSecrets, postgresSettings } from './settings/postgres.ts';
import { slackGiven, slackSecrets, slackSettings } from './settings/slack.ts';

/**
 * Every setting, by its name under `switchboard.` in VS Code. package.json repeats the defaults and
 * media/l10n/package.nls.json the descriptions, and a test compares them. Secrets are never settings.
 */
const remoteServer = z.strictObject({
  /** Tokens are for exactly this address. */
  url: z.string(),
  /** A client that is registered with the authorization server. Without it, one is registered as needed. */
  clientId: z.string().optional(),
});

export const settingsSchema = z.object({
  model: z
    .string()
    .min(1)
    .default('claude-sonnet-5-5')
    .describe('Claude model that runs the agent. Any Anthropic API model ID is accepted.'),
  effort: z
    .enum(['default', 'low', 'medium', 'high', 'xhigh', 'max'])
    .default('default')
    .describe(
      'How thorough the model is. More effort takes longer and costs more. Not every model accepts every level.',
    ),
  'anthropic.baseUrl': z
    .string()
    .default('')
    .describe(
      'Base URL of the Anthropic API or a compatible gateway, without /v1. Leave empty to use Anthropic directly.',
    ),
  'anthropic.platform': z
    .enum(['anthropic', 'bedrock', 'vertex', 'foundry'])
    .default('anthropic')
    .describe(
      "Platform that serves Claude: the Anthropic API or a gateway, Amazon Bedrock, Vertex AI, or Microsoft Foundry. Bedrock and Vertex AI use this machine's AWS and Google credentials. Foundry uses the stored API key.",
    ),
  'anthropic.region': z.string().default('').describe('Region for Amazon Bedrock or Vertex AI.'),
  'anthropic.project': z.string().default('').describe('Google Cloud project ID, or the name of the Foundry resource.'),
  'anthropic.apiKeyCommand': z
    .string()
    .default('')
    .describe(
      'Shell command that prints the API key. Used when no key is stored, and run again if the key is rejected.',
    ),
  'anthropic.maxWaitSeconds': z
    .int()
    .min(0)
    .max(86_400)
    .default(600)
    .describe('Maximum time to wait for an overloaded or rate-limited model, in seconds.'),
  secretsFromEnvironment: z
    .boolean()
    .default(false)
    .describe(
      'If a secret is not stored, read it from the environment of VS Code (DB_PASSWORD, JIRA_TOKEN, ...). For dev containers, Codespaces and remote machines that provide secrets there.',
    ),
  'budget.maxTurns': z.int().min(1).max(500).default(40).describe('Maximum number of model turns per run.'),
  'budget.maxToolCalls': z.int().min(1).max(2000).default(120).describe('Maximum number of tool calls per run.'),
  'budget.maxTokens': z
    .int()
    .min(0)
    .default(0)
    .describe('Maximum number of tokens per run, input and output combined. 0 means no limit.'),
  'budget.maxCost': z.number().min(0).default(0).describe('Maximum cost per run, in US dollars. 0 means no limit.'),
  'budget.maxSessionTokens': z
    .int()
    .min(0)
    .default(0)
    .describe('Maximum number of tokens per session, input and output combined. 0 means no limit.'),
  'budget.maxSessionCost': z
    .number()
    .min(0)
    .default(0)
    .describe('Maximum cost per session, in US dollars. 0 means no limit.'),
  'budget.modelPrice': z
    .string()
    .regex(/^$|^\d+(?:\.\d+)?\/\d+(?:\.\d+)?$/)
    .default('')
    .describe(
      'Model price in US dollars per million input and output tokens, for example "2/10". Only needed to limit the cost of a model whose price Switchboard does not know.',
    ),
  'budget.maxRows': z
    .int()
    .min(0)
    .default(0)
    .describe('Maximum number of rows read per run, across all systems. 0 means no limit.'),
  'budget.maxDatabaseSeconds': z
    .number()
    .min(0)
    .default(0)
    .describe('Maximum database time per run, in seconds. 0 means no limit.'),
  ...postgresSettings,
  ...jiraSettings,
  ...slackSettings,
  remote: z
    .strictObject({ postgres: remoteServer, jira: remoteServer, slack: remoteServer })
    .partial()
    .default({})
    .describe(
      'Servers that run elsewhere, over HTTP, instead of on this machine. Example: {"jira": {"url": "https://mcp.example.com/jira"}}. You sign in with the browser, or store a token with Set Up Connections.',
    ),
  restrictServers: z
    .boolean()
    .default(true)
    .describe(
      'Limit the files and programs of the PostgreSQL server where Node can. Connections says whether it does.',
    ),
  'runbooks.parameters': z
    .record(z.string(), z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])))
    .default({})
    .describe('Values for runbook parameters, by runbook name. Example: {"failed-orders": {"project": "ENG"}}.'),
  grants: z
    .array(z.looseObject({ tool: z.string() }))
    .default([])
    .describe(
      'Writes that need no approval. Example: {"tool": "post_slack_message", "where": {"channel": ["#operations"]}, "limit": 1}.',
    ),
  disabledTools: z
    .array(z.string())
    .default([])
    .describe('Tools to hide from the agent, by name. Example: "postgres__explain_query".'),
  mcpConfig: z
    .string()
    .default('')
    .describe(
      'Absolute path of a file that lists additional MCP servers, in the format of VS Code, Cursor, Claude Desktop or Claude Code. Their tools ask for approval until you allow them. Leave empty for none.',
    ),
  'mcp.startSeconds': z
    .number()
    .min(1)
    .max(3600)
    .default(60)
    .describe('Maximum time for an additional MCP server to start and list its tools, in seconds.'),
  'mcp.callSeconds': z
    .number()
    .min(1)
    .max(86_400)
    .default(90)
    .describe(
      'Maximum time that a call to an additional MCP server can go without a response or progress, in seconds. A timeout in the configuration file takes precedence.',
    ),
  'mcp.allowSampling': z
    .boolean()
    .default(false)
    .describe(
      'Let additional MCP servers use the model of the run. Their use counts toward the budget of the run, and they see nothing of the session.',
    ),
  'tracing.endpoint': z
    .string()
    .default('')
    .describe(
      'Address of an OpenTelemetry collector that receives traces of runs, without their content. Example: "http://127.0.0.1:4318". Leave empty to send none. None are sent either while telemetry is off in VS Code.',
    ),
  rateLimits: z
    .string()
    .default('')
    .describe(
      'Rate limits of the servers. Example: "create_jira_ticket=10/10m,post_slack_message=20/10m". Use "off" to turn them off.',
    ),
});

export type Settings = z.infer<typeof settingsSchema>;
export type SettingName = keyof Settings;

/** Display names of the secrets, by the environment variable that passes each one to its server. */
export const secretNames = {
  ANTHROPIC_API_KEY: 'Anthropic API key',
  ...postgresSecrets,
  ...jiraSecrets,
  ...slackSecrets,
  SWITCHBOARD_REMOTE_POSTGRES_TOKEN: 'Token for a PostgreSQL server that runs elsewhere',
  SWITCHBOARD_REMOTE_JIRA_TOKEN: 'Token for a Jira server that runs elsewhere',
  SWITCHBOARD_REMOTE_SLACK_TOKEN: 'Token for a Slack server that runs elsewhere',
} as const;

export type SecretName = keyof typeof secretNames;

export type Variables = Readonly<Record<string, string | undefined>>;

/**
 * Converts settings and secrets to the environment variables that the command line and the servers read, so that VS
 * Code and the terminal are configured in the same way. A system that is not connected adds none.
 */
export function toVariables(settings: Settings, secrets: Readonly<Partial<Record<SecretName, string>>>): Variables {
  const given: Record<string, string | undefined> = {
    ANTHROPIC_API_KEY: secrets.ANTHROPIC_API_KEY,
    ANTHROPIC_BASE_URL: settings['anthropic.baseUrl'],
    ANTHROPIC_API_KEY_COMMAND: settings['anthropic.apiKeyCommand'],
    ...platformVariables(settings, secrets),
    SWITCHBOARD_MODEL: settings.model,
    SWITCHBOARD_EFFORT: settings.effort,
    SWITCHBOARD_RATE_LIMITS: settings.rateLimits,
    SWITCHBOARD_RESTRICT_SERVERS: settings.restrictServers ? undefined : 'off',
    ...Object.fromEntries(Object.entries(secrets).filter(([name]) => name.startsWith('SWITCHBOARD_REMOTE_'))),
  };
  for (const [id, place] of Object.entries(settings.remote)) {
    const name = `SWITCHBOARD_REMOTE_${id.toUpperCase()}`;
    Object.assign(given, { [name]: place?.url, [`${name}_CLIENT_ID`]: place?.clientId });
  }
  Object.assign(given, postgresGiven(settings, secrets), jiraGiven(settings, secrets), slackGiven(settings, secrets));
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined && value !== ''));
}

/** Whoever turned telemetry off in VS Code may not know of this setting, which an administrator can make. */
export function tracingVariables(settings: Pick<Settings, 'tracing.endpoint'>, isTelemetryOn: boolean): Variables {
  const endpoint = settings['tracing.endpoint'].trim();
  return endpoint === '' || !isTelemetryOn ? {} : { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint };
}

function platformVariables(
  settings: Settings,
  secrets: Readonly<Partial<Record<SecretName, string>>>,
): Record<string, string | undefined> {
  const { 'anthropic.region': region, 'anthropic.project': project, 'anthropic.platform': platform } = settings;
  switch (platform) {
    case 'anthropic':
      return {};
    case 'bedrock':
      return { SWITCHBOARD_PLATFORM: platform, AWS_REGION: region };
    case 'vertex':
      return { SWITCHBOARD_PLATFORM: platform, CLOUD_ML_REGION: region, ANTHROPIC_VERTEX_PROJECT_ID: project };
    case 'foundry': {
      const key = secrets.ANTHROPIC_API_KEY;
      return { SWITCHBOARD_PLATFORM: platform, ANTHROPIC_FOUNDRY_RESOURCE: project, ANTHROPIC_FOUNDRY_API_KEY: key };
    }
  }
}

/** Whether Claude is configured. If not, the agent can use a model of the editor. */
export function reachesClaude(
  settings: Pick<Settings, 'anthropic.platform' | 'anthropic.apiKeyCommand'>,
  secrets: Readonly<Partial<Record<SecretName, string>>>,
): boolean {
  const hasKey = secrets.ANTHROPIC_API_KEY !== undefined;
  const platform = settings['anthropic.platform'];
  if (platform === 'bedrock' || platform === 'vertex') return true;
  return hasKey || (platform === 'anthropic' && settings['anthropic.apiKeyCommand'] !== '');
}
