import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { startClaude, type ClaudeStandIn } from '../stack/claude/start-claude.ts';
import { finished, startCli } from '../stack/command-line.ts';

const turns = 400;
/** Small, so that 400 turns are fast. The host learns it from the rejection. */
const contextWindow = 40_000;

let folder: string;
let claude: ClaudeStandIn;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'switchboard-long-'));
  mkdirSync(join(folder, 'workspace'));
  const lines = Array.from({ length: 2 * turns }, (_, index) => `line ${index} ${'of the log '.repeat(25)}`);
  writeFileSync(join(folder, 'workspace', 'service.log'), lines.join('\n'));
  claude = await startClaude({ contextWindow });
});
afterEach(async () => {
  await claude.stop();
  rmSync(folder, { recursive: true });
});

function ask(parameters: readonly string[]) {
  const environment = {
    ANTHROPIC_API_KEY: 'key-for-tests',
    ANTHROPIC_BASE_URL: claude.url,
    SWITCHBOARD_STATE_DIR: join(folder, 'state'),
    SWITCHBOARD_BUDGET: 'turns=500,tool_calls=500',
  };
  const options = { environment, cwd: join(folder, 'workspace') };
  return finished(startCli(['ask', ...parameters, '--output', 'json'], options));
}

function sessionFile(): { readonly id: string; readonly text: string } {
  const [name = ''] = readdirSync(join(folder, 'state', 'sessions')).filter((each) => each.endsWith('.jsonl'));
  return { id: name.replace('.jsonl', ''), text: readFileSync(join(folder, 'state', 'sessions', name), 'utf8') };
}

it('a session of 400 turns, shortened repeatedly, continues after a restart', { timeout: 300_000 }, async () => {
  let turn = 0;
  claude.play(({ find }) => {
    turn += 1;
    if (turn > turns) return { text: 'The log says nothing.' };
    return {
      calls: [
        {
          name: find('read_workspace_file') ?? '',
          input: { path: 'service.log', start_line: turn, end_line: turn + 10 },
        },
      ],
    };
  });
  const first = await ask(['Read the log of run 1.']);
  expect(first.code, first.stderr + first.stdout.slice(-2000)).toBe(0);
  expect(turn).toBe(turns + 1);
  const { id, text } = sessionFile();
  expect(text.match(/^\{"type":"compacted"/gm)?.length).toBeGreaterThanOrEqual(3);

  claude.play(() => ({ text: 'It was run 1.' }));
  const before = claude.requests().length;
  const second = await ask(['--session', id, 'What was the first run?']);
  expect(second.code, second.stderr + second.stdout.slice(-2000)).toBe(0);
  // One request, which fits: nothing is rejected or shortened again.
  const [request, ...more] = claude.requests().slice(before);
  expect([request?.status, more.length]).toEqual([200, 0]);
  expect(second.stdout).not.toContain('context-compacted');
  const sent = JSON.stringify(request?.body);
  expect(sent.includes('Read the log of run 1.')).toBe(true);
  expect(/read_workspace_file: E1-E\d+"/.test(sent)).toBe(true);
});
