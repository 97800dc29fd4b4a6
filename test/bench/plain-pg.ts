// node test/bench/plain-pg.ts <url>: the least that a server for queries could cost. `pg` behind standard streams, one
// connection, and nothing of what makes a server: no SDK, no schema, no check, no limit, no record.
import { createInterface } from 'node:readline';
import { Client, type QueryArrayResult } from 'pg';

interface Request {
  readonly id?: number;
  readonly method: string;
  readonly params: { readonly arguments?: { readonly sql?: string } };
}

const url = process.argv[2];
const client = new Client(url);
client.on('error', () => process.exit(1));
await client.connect();
const backend = await client.query<{ pid: number }>('select pg_backend_pid() as pid');

const answers: Record<string, (request: Request) => Promise<object>> = {
  initialize: () => Promise.resolve({}),
  'tools/list': () => Promise.resolve({ tools: [] }),
  'tools/call': async ({ params }) => {
    const { fields, rows }: QueryArrayResult = await client.query({
      text: params.arguments?.sql ?? '',
      rowMode: 'array',
    });
    const text = JSON.stringify({ columns: fields.map(({ name }) => name), rows });
    return { content: [{ type: 'text', text }] };
  },
  'notifications/cancelled': cancel,
};

/** What an eager author would do: a second connection that asks for it. */
async function cancel(): Promise<object> {
  const second = new Client(url);
  await second.connect();
  await second.query('select pg_cancel_backend($1)', [backend.rows[0]?.pid]);
  await second.end();
  return {};
}

for await (const line of createInterface({ input: process.stdin })) {
  const { id, ...request } = JSON.parse(line) as Request;
  void answers[request.method]?.(request)
    .catch((error: unknown) => ({ content: [{ type: 'text', text: String(error) }], isError: true }))
    .then((result) => id !== undefined && process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', id, result })}\n`));
}
await client.end();
