import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import * as z from 'zod';
import { metaKeys } from '../../servers/contract/meta.ts';
import { previewSchema, type Preview } from '../../servers/contract/preview.ts';
import { toolErrorSchema, type ToolErrorData } from '../../servers/contract/errors.ts';

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
export interface StdioServer {
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

export type AtEnd = (end: () => Promise<void>) => void;

export async function stateFolder(atEnd: AtEnd = onTestFinished): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'server-state-'));
  atEnd(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

/** @param bundle in dist/, built by `npm run build`. @param environment all that it gets besides a state folder. */
export async function startStdioServer(
  bundle: string,
  environment: Readonly<Record<string, string>>,
  atEnd: AtEnd = onTestFinished,
): Promise<StdioServer> {
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [bundle],
    env: {
      PATH: process.env['PATH'] ?? '',
      HOME: '/nonexistent',
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
