import type { PostgresServer } from '../server.ts';

/** Everything that comes back, through any channel. */
export interface Reply {
  readonly shown: string;
  readonly failed: boolean;
}

/** One line of `ways` or `honest`: SQL, or `tool: argument`. */
export async function ask(server: PostgresServer, database: string, line: string): Promise<Reply> {
  const [, tool, argument = ''] = /^(schema|resource|prompt|explain|explain analyze|health): ?(.*)$/.exec(line) ?? [];
  if (tool === 'resource') {
    const uri = `postgres://${database}/${argument}`;
    return settle(server.client.readResource({ uri }));
  }
  if (tool === 'prompt')
    return settle(server.client.getPrompt({ name: 'write_query', arguments: { question: 'x', table: argument } }));
  if (tool === 'schema') return settle(server.call('get_table_schema', { table_name: argument, detail: true }));
  if (tool === 'health') return settle(server.call('get_database_health', {}));
  if (tool !== undefined)
    return settle(server.call('explain_query', { query: argument, analyze: tool === 'explain analyze' }));
  return settle(server.call('query_database', { query: line, limit: 500 }));
}

async function settle(answer: Promise<Readonly<Record<string, unknown>>>): Promise<Reply> {
  try {
    const value = await answer;
    return { shown: JSON.stringify(value), failed: value['isError'] === true };
  } catch (error) {
    return { shown: String(error), failed: true };
  }
}
