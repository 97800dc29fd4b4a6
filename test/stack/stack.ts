import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startClaude, type ClaudeOptions, type ClaudeStandIn } from './claude/start-claude.ts';
import { startCluster, type Cluster, type ClusterAccess } from './database/cluster.ts';
import { createShop, type Shop } from './database/shop.ts';
import { startJira, type JiraOptions, type JiraStandIn } from './jira/index.ts';
import { createSampleWorkspace, type SampleWorkspace } from './sample-workspace.ts';
import { startSlack, type SlackOptions, type SlackStandIn } from './slack/slack.ts';
import { guardSecret } from './traffic.ts';

export interface StackOptions {
  /** Failed orders in the last 24 hours. */
  readonly failed?: number;
  /** Customers' notes on the newest failed orders. */
  readonly notes?: readonly string[];
  readonly claude?: ClaudeOptions;
  /** A real Messages API to use instead of the stand-in. */
  readonly anthropic?: { readonly apiKey: string; readonly baseUrl: string | undefined };
  readonly jira?: JiraOptions;
  readonly slack?: SlackOptions;
  /** The cluster for the shop, which is left running. Default: a new one. */
  readonly cluster?: ClusterAccess;
}

export interface Stack {
  /** All variables that the command line needs: DB_*, JIRA_*, SLACK_*, ANTHROPIC_*, SWITCHBOARD_STATE_DIR. */
  readonly environment: Readonly<Record<string, string>>;
  /** The values in `environment` that must never appear anywhere else. */
  readonly secrets: Readonly<Record<string, string>>;
  readonly cluster: ClusterAccess;
  readonly database: Shop;
  readonly jira: JiraStandIn;
  readonly slack: SlackStandIn;
  /** Absent if a real Messages API is used. */
  readonly claude: ClaudeStandIn | undefined;
  readonly workspace: SampleWorkspace;
  readonly stateFolder: string;
  /** @throws if anything sent to Jira, Slack or Claude contained a secret outside its header */
  readonly stop: () => Promise<void>;
}

/** How many hours ago the faulty release went live. */
const deployedHoursAgo = 14;

/** Starts everything that Switchboard talks to, on loopback, in about a second. */
export async function startStack(options: StackOptions = {}): Promise<Stack> {
  const ends: (() => Promise<void>)[] = [];
  const stop = async (): Promise<void> => {
    const results = await Promise.allSettled(ends.splice(0).map((end) => end()));
    const failures = results.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []));
    if (failures.length > 0) throw new AggregateError(failures, 'The stack did not stop cleanly.');
  };
  try {
    return await assembleStack(options, ends, stop);
  } catch (error) {
    await stop();
    throw error;
  }
}

async function assembleStack(
  options: StackOptions,
  ends: (() => Promise<void>)[],
  stop: () => Promise<void>,
): Promise<Stack> {
  const apiKey = options.anthropic?.apiKey ?? secret('sk-ant-api03-');
  const own = async <Part>(part: Promise<Part>, end: (part: Part) => Promise<void>): Promise<Part> => {
    const started = await part;
    ends.push(() => end(started));
    return started;
  };
  const now = new Date();
  const ownCluster = async (): Promise<ClusterAccess> => own<Cluster>(startCluster(), (part) => part.stop());
  const starting = {
    cluster: options.cluster === undefined ? ownCluster() : Promise.resolve(options.cluster),
    workspace: own(createSampleWorkspace(new Date(now.getTime() - deployedHoursAgo * 3_600_000)), (part) =>
      part.remove(),
    ),
    jira: own(startJira({ token: secret('ATATT3xFfGF0'), ...options.jira }), (part) => part.stop()),
    slack: own(startSlack({ token: secret('xoxb-'), userToken: secret('xoxp-'), ...options.slack }), (part) =>
      part.stop(),
    ),
    claude:
      options.anthropic === undefined
        ? own(startClaude({ apiKey, ...options.claude }), (part) => part.stop())
        : Promise.resolve(undefined),
    stateFolder: own(mkdtemp(join(tmpdir(), 'switchboard-state-')), (folder) =>
      rm(folder, { recursive: true, force: true }),
    ),
  };
  // Waits for all, even if one fails, so that whatever has started can be stopped.
  await Promise.allSettled(Object.values(starting));
  const [cluster, workspace, jira] = [await starting.cluster, await starting.workspace, await starting.jira];
  const [slack, claude, stateFolder] = [await starting.slack, await starting.claude, await starting.stateFolder];
  const database = await createShop(cluster, {
    now,
    deployedAt: workspace.deployedAt,
    commit: workspace.commit.slice(0, 7),
    // Other processes may create databases on the same cluster.
    database: options.cluster === undefined ? 'shop' : `shop_${randomBytes(4).toString('hex')}`,
    ...(options.failed !== undefined && { failed: options.failed }),
    ...(options.notes !== undefined && { notes: options.notes }),
  });
  const secrets = {
    DB_PASSWORD: database.reader.password,
    JIRA_TOKEN: jira.token,
    SLACK_BOT_TOKEN: slack.token,
    SLACK_USER_TOKEN: slack.userToken,
    ANTHROPIC_API_KEY: apiKey,
  };
  for (const [name, value] of Object.entries(secrets)) guardSecret(name, value);
  const baseUrl = claude?.url ?? options.anthropic?.baseUrl;
  const environment = {
    ...secrets,
    DB_HOST: cluster.host,
    DB_PORT: String(cluster.port),
    DB_NAME: database.database,
    DB_USER: database.reader.user,
    DB_SSL: 'disable',
    JIRA_URL: jira.url,
    JIRA_EMAIL: jira.email,
    JIRA_ALLOWED_PROJECTS: 'ENG',
    SLACK_API_URL: slack.apiUrl,
    SLACK_ALLOWED_CHANNELS: '#operations',
    ...(baseUrl !== undefined && { ANTHROPIC_BASE_URL: baseUrl }),
    SWITCHBOARD_STATE_DIR: stateFolder,
  };
  return { environment, secrets, cluster, database, jira, slack, claude, workspace, stateFolder, stop };
}

/** Shaped like real secrets, so that detectors by shape are tested. */
function secret(prefix: string): string {
  return `${prefix}${randomBytes(18).toString('hex')}`;
}
