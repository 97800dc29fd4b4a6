// npm run test:slow [-- vitest arguments]: the tests with the processor cut to a quarter, in shuffled order. A race between
// a test and what it drives shows here first.
//   npm run test:slow                                      everything that npm test runs after its checks
//   npm run test:slow -- --project vscode [file ...]       only these
//   npm run test:slow -- --sequence.seed=1234              in the order of an earlier run, which printed its seed
//   npm run test:slow -- --nice [...]                      by a busy neighbour on each core, as where no control group can be made
//   npm run test:slow -- --run npm cit                     any command, at that speed
import { spawnSync } from 'node:child_process';
import { startBrake } from './setup/brake.ts';

const seedFlag = '--sequence.seed=';
const niceFlag = '--nice';

function commands(parameters: readonly string[], seed: string): string[][] {
  if (parameters[0] === '--run') return [parameters.slice(1)];
  const vitest = ['npx', 'vitest', 'run', '--config', 'test/vitest.config.ts'];
  const order = ['--sequence.shuffle', `${seedFlag}${seed}`];
  const whole = [
    ['unit', 'mocks'],
    ['servers', 'e2e', 'vscode'],
  ].map((names) => names.flatMap((name) => ['--project', name]));
  const runs = parameters.length > 0 ? [parameters] : whole;
  return [['node', 'esbuild.mjs'], ...runs.map((run) => [...vitest, ...order, ...run])];
}

function main(): void {
  const parameters = process.argv.slice(2);
  const given = parameters.find((parameter) => parameter.startsWith(seedFlag))?.slice(seedFlag.length);
  const seed = given ?? String(Math.trunc(Math.random() * 1_000_000));
  const brake = startBrake(parameters.includes(niceFlag) ? 'nice' : 'best');
  console.log(`${brake.what}; seed ${seed}`);
  const started = performance.now();
  let status = 0;
  for (const command of commands(
    parameters.filter((parameter) => !parameter.startsWith(seedFlag) && parameter !== niceFlag),
    seed,
  )) {
    if (status === 0) status = spawnSync(...brake.command(command), { stdio: 'inherit' }).status ?? 1;
  }
  const seconds = Math.round((performance.now() - started) / 1000);
  console.log(`${status === 0 ? 'passed' : 'FAILED'}: seed ${seed}, ${seconds} s, ${brake.end()}`);
  process.exitCode = status;
}

main();
