// npm run serve:demo: the failed-orders runbook by two people, with servers that a company runs for everybody.
import { parseArgs } from 'node:util';
import { Client } from 'pg';
import { finished, startCli } from './command-line.ts';
import { joinTeam, type Member, type Seen } from './member.ts';
import { people, startTeam, type Team } from './team.ts';

const usage = `npm run serve:demo -- [--browser] [--keep]

  --browser  you sign in yourself, as anna and as ben, with any password
  --keep     leaves everything running until Ctrl-C`;

type Login = keyof typeof people;

interface Done {
  readonly seen: Seen;
  readonly code: number | null;
  readonly ticket: string;
  readonly message: string;
}

const say = (line = ''): void => void process.stdout.write(`${line}\n`);

async function demo(options: { browser: boolean; keep: boolean }, stopping: AbortSignal): Promise<void> {
  say(
    'Starting PostgreSQL 18 with the state database, an authorization server, Jira and Slack stand-ins, and three servers ...',
  );
  const team = await startTeam({ claude: { paceMs: 0 } });
  const members: Member[] = [];
  try {
    for (const [name, address] of Object.entries(team.remotes)) say(`  ${name}=${address}`);
    const { ANTHROPIC_API_KEY = '', ANTHROPIC_BASE_URL = '' } = team.stack.environment;
    const done = new Map<Login, Done>();
    for (const login of ['anna', 'ben'] as const) {
      stopping.throwIfAborted();
      const member = await joinTeam(team, { ANTHROPIC_API_KEY, ANTHROPIC_BASE_URL });
      members.push(member);
      done.set(login, await work(login, member, team, options.browser));
    }
    for (const line of [...compare(done), ...(await describeAudit(team))]) say(line);
    if (options.keep) await keep(members, stopping);
  } finally {
    for (const member of members) await member.leave();
    await team.stop();
  }
}

/** One person: signs in to each server, looks around, and does the main job. */
async function work(login: Login, member: Member, team: Team, isManual: boolean): Promise<Done> {
  say(`\n${people[login].email}, of the group ${people[login].groups.join(', ')}`);
  for (const system of ['postgres', 'jira', 'slack']) {
    say(`$ switchboard mcp login ${system}`);
    await member.signIn(system, async (page) => {
      if (isManual) say(`Sign in as ${login}:\n${page.href}`);
      else await team.identity.approve(page, login);
    });
  }
  const seen = await member.look();
  const { jira, slack } = team.stack;
  const [issues, messages] = [jira.issues().length, slack.messages('#operations').length];
  say('$ switchboard run failed-orders --accept-grants\n');
  const code = await member.run();
  const filed = jira.issues().slice(issues);
  const posted = slack.messages('#operations').slice(messages);
  return {
    seen,
    code,
    ticket: filed.map((issue) => `${issue.key} ${signatureIn(issue)}`).join(', ') || 'none',
    message: posted.map((message) => signatureIn(message)).join(', ') || 'none',
  };
}

/** How the ticket or message names the person it is for. */
function signatureIn(written: object): string {
  return /(?:Filed|Sent) by Switchboard for [\w.@]+/u.exec(JSON.stringify(written))?.[0] ?? 'by nobody';
}

function compare(done: ReadonlyMap<Login, Done>): string[] {
  const columns = [...done].map(([login, { seen, code, ticket, message }]) => [
    people[login].email,
    seen.failedOrders,
    seen.projects,
    seen.channels,
    ticket,
    message,
    String(code),
  ]);
  const labels = ['', 'failed orders', 'Jira projects', 'Slack channels', 'ticket', 'message', 'exit code'];
  const widths = columns.map((column) => Math.max(...column.map((cell) => cell.length)));
  const lines = labels.map((label, row) =>
    [label.padEnd(15), ...columns.map((column, index) => (column[row] ?? '').padEnd(widths[index] ?? 0))]
      .join('  ')
      .trimEnd(),
  );
  return ['', ...lines];
}

/** From the state database that the three servers share. */
async function describeAudit({ stateUrl }: Team): Promise<string[]> {
  const verified = await finished(
    startCli(['audit', 'verify', '--state'], { environment: { SWITCHBOARD_STATE_URL: stateUrl } }),
  );
  const client = new Client({ connectionString: stateUrl });
  await client.connect();
  const { rows } = await client.query<{ actor: string; calls: number }>(
    `select actor, count(*)::int as calls from switchboard.audit_record
     where actor is not null group by actor order by actor`,
  );
  await client.end();
  const counts = rows.map(({ actor, calls }) => `${actor} ${calls}`).join(', ');
  return [
    '',
    `audit log: records of ${counts}; ${verified.code === 0 ? 'every chain is whole' : `${verified.stdout}${verified.stderr}`}`,
  ];
}

async function keep(members: readonly Member[], stopping: AbortSignal): Promise<void> {
  say('\nEverything stays up until Ctrl-C. As one of them:');
  for (const [index, { environment }] of members.entries()) {
    const named = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
    say(`# ${Object.values(people)[index]?.email ?? ''}\n${named.join(' ')} node dist/cli.cjs doctor`);
  }
  if (stopping.aborted) return;
  await new Promise((resolve) => stopping.addEventListener('abort', resolve, { once: true }));
}

const { values } = parseArgs({
  options: {
    browser: { type: 'boolean', default: false },
    keep: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) say(usage);
else {
  const stopping = new AbortController();
  process.stdout.on('error', () => stopping.abort());
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (stopping.signal.aborted) process.exit(130);
      stopping.abort(new Error('interrupted'));
    });
  }
  try {
    await demo(values, stopping.signal);
  } catch (error) {
    process.stderr.write(`serve:demo: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = stopping.signal.aborted ? 130 : 1;
  }
}
