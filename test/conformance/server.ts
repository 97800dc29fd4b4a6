// npm run conformance:server <revision>: the server scenarios of the specification's own suite against servers on our kit.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const suite = '@modelcontextprotocol/conformance@0.2.0-alpha.12';
const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
const [revision = '2025-11-25', ...more] = process.argv.slice(2);
const folder = await mkdtemp(join(tmpdir(), 'switchboard-conformance-'));
const fixture = spawn(process.execPath, [here('fixture.ts'), '--http', '127.0.0.1:0'], {
  env: { PATH: process.env['PATH'], SWITCHBOARD_STATE_DIR: folder, SWITCHBOARD_RATE_LIMITS: 'off' },
  stdio: ['ignore', 'ignore', 'pipe'],
});
let said = '';
let url: string | undefined;
while (url === undefined) {
  const [chunk]: unknown[] = await Promise.race([
    once(fixture.stderr, 'data'),
    once(fixture, 'close').then(() => ['']),
  ]);
  said += String(chunk);
  url = /http:\/\/\S+\/mcp/u.exec(said)?.[0];
  if (fixture.exitCode !== null) throw new Error(`the fixture ended: ${said}`);
}
fixture.stderr.resume();
const baseline = here(`expected-failures-${revision}.yaml`);
const run = spawn(
  'npx',
  ['--yes', suite, 'server', '--url', url, '--requirements', revision, '--expected-failures', baseline, ...more],
  { stdio: 'inherit' },
);
const code = await new Promise<number | null>((resolve) => run.once('close', resolve));
fixture.kill('SIGTERM');
await once(fixture, 'close');
await rm(folder, { recursive: true, force: true });
process.exitCode = code ?? 1;
