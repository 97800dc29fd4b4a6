import type * as z from 'zod';
import type { SystemId } from '../../servers/contract/systems.ts';
import { jiraVariables } from '../../servers/jira/config.ts';
import { tools as jiraTools } from '../../servers/jira/tools/index.ts';
import { postgresVariables } from '../../servers/postgres/config/config.ts';
import { tools as postgresTools } from '../../servers/postgres/tools/index.ts';
import { slackVariables } from '../../servers/slack/config.ts';
import { tools as slackTools } from '../../servers/slack/tools/index.ts';

/** A tool as its server defines it, whatever it connects to. */
interface OurTool {
  readonly name: string;
  readonly description: string;
  readonly risk: string;
  readonly limit: string | undefined;
  readonly scopes: readonly string[];
  readonly input: z.ZodObject;
}

interface OurServer {
  /** What it does, in at most 100 characters, for registries. */
  readonly description: string;
  readonly tools: readonly OurTool[];
  /** The variables that it reads, with their descriptions. */
  readonly variables: z.ZodObject;
  /** Those that it reads in another way, with what they mean. */
  readonly further?: Readonly<Record<string, string>>;
  /** Complete settings of a system that need not be there for the server to say what it offers. */
  readonly settings: Readonly<Record<string, string>>;
  /** Which of these are secrets. */
  readonly secrets: readonly string[];
  /** How long its list of tools may get: a model pays for it on every turn. */
  readonly maxListLength: number;
}

/** A row for each of our servers: what documents and tests read of it. */
export const ourServers: Readonly<Record<SystemId, OurServer>> = {
  postgres: {
    description: 'Read-only PostgreSQL: guarded queries, schemas, plans and health, with an audit log.',
    tools: postgresTools,
    variables: postgresVariables,
    further: {
      DATABASE_URL: 'postgres://reader@db.example.com/shop?sslmode=verify-full, instead of the five below.',
      DB_HOST: 'Host of the database.',
      DB_PORT: 'Port. Default: 5432.',
      DB_NAME: 'Name of the database.',
      DB_USER: 'Role to connect as: one that may only read.',
      DB_PASSWORD: 'Password of the role.',
      DB_SSL: 'TLS as libpq names it: disable, prefer, require, verify-ca, verify-full.',
    },
    settings: { DB_HOST: '127.0.0.1', DB_PORT: '1', DB_NAME: 'shop', DB_USER: 'reader', DB_PASSWORD: 'word' },
    secrets: ['DB_PASSWORD'],
    maxListLength: 6000,
  },
  jira: {
    description: 'Jira Cloud and Data Center: search, read and write issues, each write previewed and made once.',
    tools: jiraTools,
    variables: jiraVariables,
    settings: { JIRA_URL: 'http://127.0.0.1:1', JIRA_EMAIL: 'a@example.com', JIRA_TOKEN: 'word' },
    secrets: ['JIRA_TOKEN'],
    maxListLength: 10_000,
  },
  slack: {
    description: 'Slack: read and search channels, post and undo messages, each write previewed and made once.',
    tools: slackTools,
    variables: slackVariables,
    settings: {
      SLACK_API_URL: 'http://127.0.0.1:1/api',
      SLACK_BOT_TOKEN: 'xoxb-1-word-for-tests',
      SLACK_USER_TOKEN: 'xoxp-1-word-for-tests',
    },
    secrets: ['SLACK_BOT_TOKEN', 'SLACK_USER_TOKEN'],
    maxListLength: 10_000,
  },
};

export const ourTools: readonly OurTool[] = Object.values(ourServers).flatMap(({ tools }) => tools);
