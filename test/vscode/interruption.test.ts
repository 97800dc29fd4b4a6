import { Client } from 'pg';
import { describe, expect } from 'vitest';
import { eventually } from './window/patience.ts';
import { descendants } from './window/processes.ts';
import { serverLogs } from './window/remains.ts';
import { shareScene, type Scene } from './window/scene.ts';

async function runningQueries({ stack }: Scene, query: string): Promise<number> {
  const client = new Client({ connectionString: stack.database.url });
  await client.connect();
  try {
    const text = `SELECT count(*)::int AS running FROM pg_stat_activity
      WHERE datname = current_database() AND state = 'active' AND query LIKE $1 || '%' AND pid <> pg_backend_pid()`;
    const { rows } = await client.query<{ running: number }>(text, [query]);
    return rows[0]?.running ?? 0;
  } finally {
    await client.end();
  }
}

function processesOf({ editor }: Scene, server: string): readonly number[] {
  return descendants(editor.server.pid)
    .filter(({ commandLine }) => commandLine.includes(`servers/${server}.cjs`))
    .map(({ pid }) => pid);
}

describe('interruptions and errors', () => {
  const scene = shareScene({ connected: true });

  scene(
    'asks again after the window was reloaded while an approval waited, and files once',
    async ({ window, stack }) => {
      const before = stack.jira.issues().length;
      await window.openFile('checkout.ts');
      await window.selectLines(8, 9);
      await window.run('Switchboard: File Jira Bug from Selection');
      await window.approve.waitFor();
      await window.reload();
      await window.openChat();
      await window.chat.getByText('The window was closed or reloaded during this run').waitFor();
      expect(await window.approve.count()).toBe(0);
      await window.screenshot('reloaded');
      await window.notices.press(/was interrupted when the window was closed or reloaded/u, 'Continue');
      await window.approve.click();
      await window.runEnds(2);
      expect(stack.jira.issues()).toHaveLength(before + 1);
    },
  );

  scene('stops a query in the database when the person cancels, and goes on when the person says so', async (given) => {
    const { window, stack } = given;
    const query =
      'WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers) SELECT count(*) FROM numbers';
    stack.claude?.play((conversation) =>
      conversation.exchanges.length > 0
        ? { text: 'Done.' }
        : { text: 'I count.', calls: [{ name: conversation.find('query_database') ?? 'none', input: { query } }] },
    );
    await window.ask('Count without end');
    await eventually(() => runningQueries(given, query)).toBe(1);
    await window.screenshot('running');
    await window.run('Switchboard: Cancel Run');
    await eventually(() => runningQueries(given, query)).toBe(0);
    await window.chat
      .getByText(/cancelled/iu)
      .first()
      .waitFor();
    // Continues with the same question. Nothing is asked again.
    await window.button('Continue').click();
    await window.chat.getByText('Continued').waitFor();
    await window.runEnds(2);
    const last = stack.claude?.requests().at(-1)?.conversation;
    expect(last?.prompt).toContain('Count without end');
    expect(last?.exchanges.map(({ tool }) => tool)).toEqual(['query_database']);
  });

  scene('starts a server again that was killed', async (given) => {
    const { window } = given;
    await window.run('Switchboard: Focus on Connections View');
    await window.page.getByRole('treeitem', { name: /^PostgreSQL, ready/u }).waitFor();
    const [killed, ...others] = processesOf(given, 'postgres');
    if (killed === undefined || others.length > 0) throw new Error('There is not one server for PostgreSQL.');
    process.kill(killed, 'SIGKILL');
    await window.page.getByRole('treeitem', { name: /^PostgreSQL, ready.*1 restart/u }).waitFor();
    await eventually(() => processesOf(given, 'postgres').length).toBe(1);
    expect(processesOf(given, 'postgres')).not.toContain(killed);
    await eventually(() => serverLogs(given.editor)).toContain('PostgreSQL was ended by SIGKILL');
    await window.screenshot('connections');
    await window.ask('How many customers are there?');
    await window.chat.getByText(/The count is in E\d+/u).waitFor();
    await window.runEnds();
  });
});
