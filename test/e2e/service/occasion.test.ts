import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { RunEvent } from '../../../src/agent/events.ts';
import { incidentRunbook, recordIncident } from '../../stack/claude/scripts/incident.ts';
import { finished, startCli } from '../../stack/command-line.ts';
import { accessCluster } from '../../stack/database/cluster.ts';
import type { Stack } from '../../stack/stack.ts';
import { endOf, eventsOf, optionsFor, runCli, startSharedStack, type Run } from '../harness.ts';

let stack: Stack;
let state: string;
let admin: Client;

beforeAll(async () => {
  stack = await startSharedStack({ failed: 12 });
  // Letters only: a figure that no evidence supports would not be granted.
  const nonce = (): string => randomBytes(8).toString('hex').replaceAll(/\d/g, 'x');
  stack.claude?.play(recordIncident(nonce));
  const runbooks = join(stack.workspace.folder, '.switchboard', 'runbooks');
  await mkdir(runbooks, { recursive: true });
  await writeFile(join(runbooks, 'incident.md'), incidentRunbook);
  state = await accessCluster(inject('postgres')).createDatabase(`occasions_${process.pid}_${Date.now()}`);
  admin = new Client(state);
  await admin.connect();
});
afterAll(async () => {
  await admin?.end();
  await stack?.stop();
});

const words = (occasion: string, incident = occasion) =>
  ['run', 'incident', '--accept-grants', '--output', 'json', '--occasion', occasion].concat(
    '--param',
    `incident=${incident}`,
  );
const variables = (): Record<string, string> => ({ SWITCHBOARD_STATE_URL: state });
const run = (occasion: string): Promise<Run> => runCli(stack, words(occasion), variables());
/** Of one incident. */
const made = (incident: string) => ({
  tickets: stack.jira.issues().filter(({ fields }) => fields['summary'] === `Incident ${incident}`).length,
  posts: stack.slack.messages('#operations').filter(({ text }) => text.includes(`Incident ${incident}:`)).length,
});
const once = { tickets: 1, posts: 1 };
const column = async (name: string, occasion: string): Promise<unknown> =>
  (
    await admin.query<{ value: unknown }>(`select ${name} as value from switchboard.occasion where name = $1`, [
      occasion,
    ])
  ).rows[0]?.value;

describe('a run with an occasion', () => {
  it('that is run again answers with the first result, and does nothing', async () => {
    const first = await run('nightly a');
    expect(endOf(first)).toMatchObject({ reason: 'completed', writeNotGranted: false });
    const asked = stack.claude?.requests().length;
    const again = await run('nightly a');
    expect(again.code).toBe(0);
    expect(again.stderr).toContain("'nightly a' was run before.");
    const evidence = ({ events }: Run): RunEvent[] => events.filter(({ type }) => type === 'evidence-added');
    expect(evidence(again)).toEqual(evidence(first));
    expect(stack.claude?.requests().length).toBe(asked);
    expect(made('nightly a')).toEqual(once);
    expect(await column('attempts', 'nightly a')).toBe(1);
  });

  it('that is started twice at once runs once, and both answer', async () => {
    const both = await Promise.all([run('nightly b'), run('nightly b')]);
    expect(both.map(({ code }) => code)).toEqual([0, 0]);
    expect(both.map((each) => endOf(each).reason)).toEqual(['completed', 'completed']);
    expect(both.filter(({ stderr }) => stderr.includes('Waiting for its result'))).toHaveLength(1);
    expect(made('nightly b')).toEqual(once);
  });

  it('that is killed when the ticket is filed goes on in another process, with its evidence', async () => {
    const child = startCli(words('killed'), optionsFor(stack, variables()));
    const ended = finished(child);
    let text = '';
    child.stdout?.on('data', (part: Buffer) => {
      text += part.toString();
      const events = eventsOf(text.slice(0, text.lastIndexOf('\n') + 1));
      if (events.some((event) => event.type === 'tool-call-finished' && event.summary.startsWith('ENG-')))
        child.kill('SIGKILL');
    });
    await ended;
    const second = await run('killed');
    expect(endOf(second)).toMatchObject({ reason: 'completed', writeNotGranted: false });
    expect(second.events.find(({ type }) => type === 'run-started')).toMatchObject({ resumed: true });
    expect(made('killed')).toEqual(once);
    expect(await column('attempts', 'killed')).toBe(2);
  });

  it('whose session is lost makes no write twice: in other words, it gets the ticket that exists', async () => {
    await run('lost');
    await admin.query('delete from switchboard.session_line where session = $1', [await column('session', 'lost')]);
    await admin.query("update switchboard.occasion set state = 'queued', exit_code = null where name = 'lost'");
    const second = await run('lost');
    const codes = second.events.flatMap((event) =>
      event.type === 'tool-call-finished' && event.failure !== undefined ? [event.failure.code] : [],
    );
    expect(codes).toEqual(['conflict', 'conflict']);
    expect(second.events.filter(({ type }) => type === 'evidence-added')).toHaveLength(3);
    expect(endOf(second)).toMatchObject({ reason: 'completed' });
    expect(second.code).toBe(0);
    expect(made('lost')).toEqual(once);
  });

  it('is not another job under the same name, and needs a state database', async () => {
    const other = await runCli(stack, words('lost', 'another'), variables());
    expect(other).toMatchObject({
      code: 78,
      stderr: expect.stringContaining('was run with other parameters (incident)') as string,
    });
    const without = await runCli(stack, words('nightly c'));
    expect(without).toMatchObject({ code: 78, stderr: expect.stringContaining('SWITCHBOARD_STATE_URL') as string });
  });
});
