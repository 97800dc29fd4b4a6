import { Client } from 'pg';
import type { Stack } from '../stack/stack.ts';
import { serverCommand } from './bundles.ts';
import { measureShuffled, quantile, summarize, timed, type Figure } from './measure.ts';
import { startRawClient } from './raw-client.ts';

const callsAtOnce = 300;
const passes = 9;
const inProcess = 'pg in process';

/** SELECT 1 through the server and through `pg` itself, sequential calls; microseconds a call. */
export async function benchLatency(stack: Stack): Promise<Figure[]> {
  const server = startRawClient(serverCommand('postgres', stack));
  const client = new Client({ connectionString: stack.cluster.url(stack.database.database, stack.database.reader) });
  await Promise.all([server.initialize(), client.connect()]);
  const call = () => server.request('tools/call', { name: 'query_database', arguments: { query: 'SELECT 1' } });
  const query = () => client.query('SELECT 1');
  try {
    await Promise.all([call(), query()]);
    const samples = await measureShuffled(
      [
        { name: inProcess, once: () => typical(query) },
        { name: 'server', once: () => typical(call) },
      ],
      passes,
    );
    const base = { name: inProcess, values: samples.get(inProcess) ?? [] };
    return [
      summarize(`SELECT 1, ${inProcess}`, 'µs', base.values),
      summarize('SELECT 1, query_database over stdio', 'µs', samples.get('server') ?? [], base),
    ];
  } finally {
    await Promise.all([server.close(), client.end()]);
  }
}

/** The median of many calls one after the other. */
async function typical(run: () => Promise<unknown>): Promise<number> {
  const durations: number[] = [];
  for (let call = 0; call < callsAtOnce; call += 1) durations.push(await timed(run));
  return quantile(durations, 0.5) * 1000;
}
