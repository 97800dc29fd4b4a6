import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import type { ToolErrorData } from '../../../servers/contract/errors.ts';
import type { Preview } from '../../../servers/contract/preview.ts';
import { expect } from 'vitest';
import { metaKeys } from '../../../servers/contract/meta.ts';
import { startJira, type JiraOptions, type JiraStandIn } from '../../stack/jira/index.ts';

const folder = process.env['SWITCHBOARD_SERVERS'] ?? fileURLToPath(new URL('../../../dist/servers', import.meta.url));
export const bundle = join(folder, 'jira.cjs');

/** The part of a tool result that the tests check. */
export interface ToolAnswer {
  readonly text: string;
  readonly isError: boolean;
  readonly structured: Structured;
}

/** The structured content that tests use. Reading an absent part fails the test. */
export interface Structured {
  readonly [name: string]: unknown;
  readonly issue_key: string;
  readonly error: ToolErrorData;
  readonly preview: Preview;
  readonly rows: unknown[][];
  readonly comments: { body: string }[];
  readonly next_page_token: string;
}

export interface CallOptions {
  readonly preview?: boolean;
  readonly key?: string;
  /** Of the run that calls. */
  readonly session?: string;
  readonly signal?: AbortSignal;
  readonly onProgress?: (message: string) => void;
}

export interface Session {
  readonly client: Client;
  readonly pid: number;
  readonly stderr: () => string;
  readonly call: (name: string, input: Record<string, unknown>, options?: CallOptions) => Promise<ToolAnswer>;
  readonly close: () => Promise<void>;
}

/** The built server, used like any MCP client would. Its environment contains only what is given. */
export async function startSession(environment: Record<string, string>): Promise<Session> {
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [bundle],
    env: { SWITCHBOARD_RATE_LIMITS: 'off', ...environment },
    stderr: 'pipe',
  });
  let stderr = '';
  transport.stderr?.on('data', (chunk) => (stderr += String(chunk)));
  const client = new Client({ name: 'test', version: '1' });
  await client.connect(transport);
  return {
    client,
    pid: transport.pid ?? 0,
    stderr: () => stderr,
    call: async (name, input, options = {}) => {
      const meta = {
        ...(options.preview === true && { [metaKeys.preview]: true }),
        ...(options.key !== undefined && { [metaKeys.idempotencyKey]: options.key }),
        ...(options.session !== undefined && { [metaKeys.run]: { session: options.session, run: 'run-1' } }),
      };
      const answer = await client.callTool({ name, arguments: input, _meta: meta }, undefined, {
        timeout: 120_000,
        ...(options.signal !== undefined && { signal: options.signal }),
        ...(options.onProgress !== undefined && {
          onprogress: ({ message }: { message?: string | undefined }) => options.onProgress?.(message ?? ''),
        }),
      });
      const [content] = answer.content as { text: string }[];
      return {
        text: content?.text ?? '',
        isError: answer.isError === true,
        structured: (answer.structuredContent ?? {}) as Structured,
      };
    },
    close: () => client.close(),
  };
}

export interface Fixture {
  readonly jira: JiraStandIn;
  readonly environment: Record<string, string>;
  /** Another server process with the same Jira and ledger. */
  readonly open: (more?: Record<string, string>) => Promise<Session>;
  readonly stop: () => Promise<void>;
}

/** A Jira stand-in, a state folder, and servers that use both. */
export async function startFixture(options: JiraOptions = {}): Promise<Fixture> {
  const jira = await startJira(options);
  const state = await mkdtemp(join(tmpdir(), 'switchboard-jira-'));
  const sessions: Session[] = [];
  const credentials: Record<string, string> =
    options.flavour === 'data-center' ? { JIRA_PAT: jira.token } : { JIRA_EMAIL: jira.email, JIRA_TOKEN: jira.token };
  const environment = { JIRA_URL: jira.url, SWITCHBOARD_STATE_DIR: state, ...credentials };
  return {
    jira,
    environment,
    open: async (more = {}) => {
      const session = await startSession({ ...environment, ...more });
      sessions.push(session);
      return session;
    },
    stop: async () => {
      await Promise.all(sessions.map((session) => session.close()));
      await jira.stop();
      await rm(state, { recursive: true, force: true });
    },
  };
}

export const bug = { project_key: 'ENG', issue_type: 'Bug', summary: 'Checkout fails for card payments' } as const;

/** `expect.stringContaining`, which is typed `any`. */
export function containing(text: string): unknown {
  return expect.stringContaining(text);
}

/** `expect.stringMatching`, which is typed `any`. */
export function matching(pattern: RegExp): unknown {
  return expect.stringMatching(pattern);
}
