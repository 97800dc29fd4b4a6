import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { onTestFinished } from 'vitest';
import * as z from 'zod';
import { metaKeys } from '../../../servers/contract/meta.ts';
import { previewSchema, type Preview } from '../../../servers/contract/preview.ts';
import { toolErrorSchema, type ToolErrorData } from '../../../servers/contract/errors.ts';
import { type SlackOptions, type SlackStandIn, startSlack } from '../../stack/slack/slack.ts';

/** The bundle under test, built by `npm run build`. */
export const bundle =
  process.env['SLACK_BUNDLE'] ?? fileURLToPath(new URL('../../../dist/servers/slack.cjs', import.meta.url));

const answerSchema = z.object({
  content: z.array(z.object({ type: z.literal('text'), text: z.string() })),
  structuredContent: z.record(z.string(), z.unknown()),
  isError: z.boolean().optional(),
});

export interface Answer {
  readonly text: string;
  readonly structured: Record<string, unknown>;
}

export interface CallExtras {
  readonly key?: string;
  /** A name for the call, used by `stop`. */
  readonly name?: string;
  readonly signal?: AbortSignal;
  readonly onProgress?: (message: string) => void;
}

/** The bundled server as a child process, used through the SDK's own client, which validates results. */
export interface SlackServer {
  readonly client: Client;
  readonly pid: number;
  readonly stderr: () => string;
  /** @throws AssertionError when the tool fails. */
  readonly call: (tool: string, input: Record<string, unknown>, extras?: CallExtras) => Promise<Answer>;
  readonly fail: (tool: string, input: Record<string, unknown>, extras?: CallExtras) => Promise<ToolErrorData>;
  readonly preview: (tool: string, input: Record<string, unknown>) => Promise<Preview>;
  /** Requests that a call stop. Unlike a cancelled one, it still gets a response. */
  readonly stop: (call: string) => Promise<void>;
  readonly close: () => Promise<void>;
}

type AtEnd = (end: () => Promise<void>) => void;

/** For concurrent tests, where only a test's own context knows when it ends. */
export function within({ onTestFinished: atEnd }: { onTestFinished: AtEnd }) {
  return {
    standIn: (options: SlackOptions = {}) => startStandIn(options, atEnd),
    stateFolder: () => stateFolder(atEnd),
    server: (slack: SlackStandIn, environment: Readonly<Record<string, string>> = {}) =>
      startServer(slack, environment, atEnd),
  };
}

/** A stand-in and a state folder, both removed when the test ends. */
export async function startStandIn(options: SlackOptions = {}, atEnd: AtEnd = onTestFinished): Promise<SlackStandIn> {
  const slack = await startSlack(options);
  atEnd(() => slack.stop());
  return slack;
}

export async function stateFolder(atEnd: AtEnd = onTestFinished): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'slack-state-'));
  atEnd(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

export async function startServer(
  slack: Pick<SlackStandIn, 'token' | 'apiUrl'>,
  environment: Readonly<Record<string, string>> = {},
  atEnd: AtEnd = onTestFinished,
): Promise<SlackServer> {
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [bundle],
    env: {
      PATH: process.env['PATH'] ?? '',
      HOME: '/nonexistent',
      SLACK_BOT_TOKEN: slack.token,
      SLACK_API_URL: slack.apiUrl,
      SWITCHBOARD_STATE_DIR: environment['SWITCHBOARD_STATE_DIR'] ?? (await stateFolder(atEnd)),
      ...environment,
    },
    stderr: 'pipe',
  });
  const stderr: string[] = [];
  transport.stderr?.on('data', (chunk: Buffer) => stderr.push(chunk.toString()));
  const client = new Client({ name: 'test', version: '1' });
  await client.connect(transport);
  await client.listTools(); // the client checks results only of tools that it has seen
  const close = (): Promise<void> => client.close();
  atEnd(close);

  const ask = async (tool: string, input: Record<string, unknown>, meta: Record<string, unknown>, extras: CallExtras) =>
    answerSchema.parse(
      await client.callTool({ name: tool, arguments: input, _meta: meta }, undefined, {
        timeout: 60_000,
        ...(extras.signal !== undefined && { signal: extras.signal }),
        ...(extras.onProgress !== undefined && {
          onprogress: ({ message }) => extras.onProgress?.(message ?? ''),
        }),
      }),
    );
  const metaOf = ({ key, name }: CallExtras): Record<string, unknown> => ({
    ...(key !== undefined && { [metaKeys.idempotencyKey]: key }),
    ...(name !== undefined && { [metaKeys.call]: name }),
  });
  const textOf = (answer: z.infer<typeof answerSchema>): string => answer.content.map(({ text }) => text).join('\n');
  return {
    client,
    pid: transport.pid ?? 0,
    stderr: () => stderr.join(''),
    call: async (tool, input, extras = {}) => {
      const answer = await ask(tool, input, metaOf(extras), extras);
      if (answer.isError === true) throw new Error(`${tool} failed: ${textOf(answer)}`);
      return { text: textOf(answer), structured: answer.structuredContent };
    },
    fail: async (tool, input, extras = {}) => {
      const answer = await ask(tool, input, metaOf(extras), extras);
      if (answer.isError !== true) throw new Error(`${tool} did not fail: ${textOf(answer)}`);
      return toolErrorSchema.parse(answer.structuredContent['error']);
    },
    preview: async (tool, input) => {
      const answer = await ask(tool, input, { [metaKeys.preview]: true }, {});
      if (answer.isError === true) throw new Error(`preview of ${tool} failed: ${textOf(answer)}`);
      return previewSchema.parse(answer.structuredContent['preview']);
    },
    stop: (call) => client.notification({ method: 'notifications/dev.switchboard/stop', params: { call } }),
    close,
  };
}
