import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { finished } from '../stack/command-line.ts';

const demo = fileURLToPath(new URL('../stack/serve-demo.ts', import.meta.url));

test('two people with different rights do the main job with servers that sign them in', async () => {
  const { code, stdout, stderr } = await finished(
    spawn(process.execPath, [demo], { stdio: ['ignore', 'pipe', 'pipe'] }),
  );
  expect({ code, stderr }).toEqual({ code: 0, stderr: expect.not.stringContaining('serve:demo') as unknown });
  const lines = stdout.trimEnd().split('\n').slice(-9);
  const cells = lines.map((line) => line.trim().split(/\s{2,}/u));
  // How many of them are Ben's depends on the time of day, but enough for a ticket.
  const ofBen = Number(cells[1]?.[2]);
  expect(ofBen).toBeGreaterThan(5);
  expect(ofBen).toBeLessThan(47);
  expect(cells).toEqual([
    ['anna@example.com', 'ben@example.com'],
    ['failed orders', '47', String(ofBen)],
    ['Jira projects', 'ENG, OPS', 'OPS'],
    ['Slack channels', 'operations, payments-oncall', 'none'],
    ['ticket', expect.stringMatching(/^ENG-\d+ Filed by Switchboard for anna@example\.com$/u), 'none'],
    ['message', 'Sent by Switchboard for anna@example.com', 'none'],
    ['exit code', '0', '1'],
    [''],
    [
      expect.stringMatching(
        /^audit log: records of anna@example\.com \d+, ben@example\.com \d+; every chain is whole$/u,
      ),
    ],
  ]);
  expect(stderr).toContain('Project ENG is not allowed on this server. Hint: Your groups may use OPS.');
});
