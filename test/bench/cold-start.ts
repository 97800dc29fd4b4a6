import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Stack } from '../stack/stack.ts';
import { serverCommand, serverNames } from './bundles.ts';
import { measureShuffled, summarize, timed, type Figure } from './measure.ts';
import { startRawClient, type ServerCommand } from './raw-client.ts';

const passes = 15;
const bareNode = 'node -e 0';

/** From spawn to the answer of tools/list, and to the end of a Node that does nothing. */
export async function benchColdStart(stack: Stack): Promise<Figure[]> {
  const commands = serverNames.map((name) => [name, serverCommand(name, stack)] as const);
  const together = 'three in parallel';
  const samples = await measureShuffled(
    [
      { name: bareNode, once: () => timed(runBareNode) },
      ...commands.map(([name, command]) => ({ name, once: () => coldStart(command) })),
      { name: together, once: () => timed(() => Promise.all(commands.map(([, command]) => coldStart(command)))) },
    ],
    passes,
  );
  const base = { name: bareNode, values: samples.get(bareNode) ?? [] };
  return [
    summarize(bareNode, 'ms', base.values),
    ...[...serverNames, together].map((name) =>
      summarize(`${name}: start to tools/list`, 'ms', samples.get(name) ?? [], base),
    ),
  ];
}

/** Without the time that the server takes to leave. */
async function coldStart(command: ServerCommand): Promise<number> {
  const started = performance.now();
  const client = startRawClient(command);
  await client.initialize();
  await client.request('tools/list', {});
  const duration = performance.now() - started;
  await client.close();
  return duration;
}

async function runBareNode(): Promise<void> {
  await once(spawn(process.execPath, ['-e', '0'], { stdio: 'ignore' }), 'close');
}
