import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import type { ToolOutcome } from '../../../src/agent/tools.ts';
import type { Hub } from '../../../src/mcp/hub.ts';
import { baseEnvironment, type ChildSpec } from '../../../src/mcp/server-specs.ts';
import { callOptions, openHub, until } from './fixtures/servers.ts';

const script = fileURLToPath(new URL('fixtures/writing-server.ts', import.meta.url));

interface Writing {
  readonly hub: Hub;
  readonly run: AbortController;
  readonly outcome: Promise<ToolOutcome>;
  readonly happened: (what: string) => boolean;
  readonly letGo: () => void;
}

function startWriting(heedful: boolean, settleMs: number): Writing {
  const folder = mkdtempSync(join(tmpdir(), 'switchboard-stopping-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const env = { ...baseEnvironment(process.env), FIXTURE_FOLDER: folder, SWITCHBOARD_STATE_DIR: folder };
  const spec: ChildSpec = {
    kind: 'child',
    id: 'writing',
    title: 'Writing server',
    command: process.execPath,
    args: [script],
    env,
    trusted: true,
  };
  const hub = openHub([spec], { timings: { settleMs } });
  const run = new AbortController();
  return {
    hub,
    run,
    outcome: hub.call(
      'writing__write_slowly',
      { heedful },
      callOptions({ signal: run.signal, idempotencyKey: 'key-12345' }),
    ),
    happened: (what) => existsSync(join(folder, what)),
    letGo: () => writeFileSync(join(folder, 'go'), ''),
  };
}

it('a write that is cancelled after it was sent says that it was done', async () => {
  const { run, outcome, happened, letGo } = startWriting(false, 30_000);
  await until(() => happened('sent'));
  run.abort();
  letGo();
  expect(await outcome).toMatchObject({ kind: 'result', structured: { outcome: 'done', id: 'W-1' } });
});

it('a write that is cancelled before it was sent is not sent', async () => {
  const { run, outcome, happened } = startWriting(true, 30_000);
  await until(() => happened('asked'));
  run.abort();
  expect(await outcome).toMatchObject({ failure: { code: 'cancelled' } });
  expect(happened('sent')).toBe(false);
});

it('a cancelled write that does not end soon has an unknown outcome and is still recorded', async () => {
  const { hub, run, outcome, happened, letGo } = startWriting(false, 50);
  await until(() => happened('sent'));
  run.abort();
  expect(await outcome).toMatchObject({ failure: { code: 'outcome_unknown' } });
  letGo();
  const again = hub.call('writing__write_slowly', { heedful: false }, callOptions({ idempotencyKey: 'key-12345' }));
  expect(await again).toMatchObject({ structured: { outcome: 'replayed', id: 'W-1' } });
});
