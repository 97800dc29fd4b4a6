import { fileURLToPath } from 'node:url';
import { Client as McpClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import type { RequestOptions } from '@modelcontextprotocol/sdk/shared/protocol.js';
import * as z from 'zod';

export const bundle =
  process.env['POSTGRES_BUNDLE'] ?? fileURLToPath(new URL('../../../dist/servers/postgres.cjs', import.meta.url));

const answerSchema = z.object({
  content: z.array(z.object({ type: z.literal('text'), text: z.string() })),
  structuredContent: z.record(z.string(), z.unknown()).optional(),
  isError: z.boolean().optional(),
});
const errorSchema = z.object({
  error: z.object({
    code: z.string(),
    message: z.string(),
    hint: z.string().optional(),
    retryable: z.boolean(),
    details: z.record(z.string(), z.unknown()).optional(),
  }),
});
const tableSchema = z.object({
  columns: z.array(z.object({ name: z.string(), type: z.string() })),
  rows: z.array(z.array(z.unknown())),
  row_count: z.number(),
  truncated: z.boolean(),
  next_cursor: z.string().optional(),
  estimated_rows: z.number().optional(),
  masked: z.array(z.string()).optional(),
  notes: z.array(z.string()).optional(),
  cut_cells: z.array(z.array(z.number())).optional(),
});

export type TableAnswer = z.infer<typeof tableSchema> & { text: string };

/** The bundled server as a child process, used through the SDK's own client. */
export class PostgresServer {
  readonly client: McpClient;
  readonly #transport: StdioClientTransport;
  readonly #stderr: string[];

  private constructor(client: McpClient, transport: StdioClientTransport, stderr: string[]) {
    this.client = client;
    this.#transport = transport;
    this.#stderr = stderr;
  }

  /** @param environment everything the server gets besides PATH. */
  static async start(environment: Readonly<Record<string, string>>): Promise<PostgresServer> {
    const transport = new StdioClientTransport({
      command: process.execPath,
      args: [bundle],
      env: { PATH: process.env['PATH'] ?? '', HOME: '/nonexistent', ...environment },
      stderr: 'pipe',
    });
    const stderr: string[] = [];
    transport.stderr?.on('data', (chunk: Buffer) => stderr.push(chunk.toString()));
    const client = new McpClient({ name: 'test', version: '1' });
    await client.connect(transport);
    return new PostgresServer(client, transport, stderr);
  }

  get pid(): number {
    return this.#transport.pid ?? 0;
  }

  get stderr(): string {
    return this.#stderr.join('');
  }

  async call(
    name: string,
    input: Record<string, unknown>,
    options?: RequestOptions,
  ): Promise<z.infer<typeof answerSchema>> {
    return answerSchema.parse(await this.client.callTool({ name, arguments: input }, undefined, options));
  }

  /** A query that must succeed. */
  async query(query: string, more: Record<string, unknown> = {}): Promise<TableAnswer> {
    const answer = await this.call('query_database', { query, ...more });
    if (answer.isError === true) throw new Error(`${query}\n${answer.content[0]?.text}`);
    return { ...tableSchema.parse(answer.structuredContent), text: answer.content[0]?.text ?? '' };
  }

  /** A call that must fail. */
  async failure(name: string, input: Record<string, unknown>): Promise<z.infer<typeof errorSchema>['error']> {
    const answer = await this.call(name, input);
    if (answer.isError !== true) throw new Error(`succeeded: ${JSON.stringify(input)}\n${answer.content[0]?.text}`);
    return errorSchema.parse(answer.structuredContent).error;
  }

  refusal(query: string): Promise<z.infer<typeof errorSchema>['error']> {
    return this.failure('query_database', { query });
  }

  close(): Promise<void> {
    return this.client.close();
  }
}
