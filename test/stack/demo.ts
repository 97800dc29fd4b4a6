// npm run demo: the failed-orders runbook, headless, against the stack.
import type { ChildProcess } from 'node:child_process';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Client } from 'pg';
import { finished, startCli } from './command-line.ts';
import { startStack, type Stack } from './stack.ts';

const usage = `npm run demo -- [--failed N] [--output text|json] [--keep]

  --failed N     exactly N failed orders in the last 24 hours; more than 5 are reported
  --output json  only events on standard output, one a line, the last of type demo-finished
  --keep         leaves everything running until Ctrl-C, to look at the pages

With ANTHROPIC_API_KEY set, Claude does the work; otherwise a scripted stand-in.`;

const channel = '#operations';
const mostFailed = 100_000;

interface DemoOptions {
  readonly failed: number | undefined;
  readonly json: boolean;
  readonly keep: boolean;
}

/** The last line of `--output json`. null if nothing was filed or posted. */
interface DemoResult {
  readonly type: 'demo-finished';
  readonly failedOrders: number;
  readonly ticket: string | null;
  readonly ticketUrl: string | null;
  readonly message: string | null;
  readonly messageUrl: string | null;
}

function readOptions(parameters: string[]): DemoOptions | string {
  let values;
  try {
    ({ values } = parseArgs({
      args: parameters,
      options: {
        failed: { type: 'string' },
        output: { type: 'string', default: 'text' },
        keep: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    }));
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  if (values.help) return usage;
  if (values.output !== 'text' && values.output !== 'json')
    return `--output must be text or json, not '${values.output}'`;
  const failed = values.failed === undefined ? undefined : Number(values.failed);
  if (failed !== undefined && !(/^\d+$/.test(values.failed ?? '') && failed <= mostFailed))
    return `--failed must be a whole number from 0 to ${mostFailed}, not '${values.failed}'`;
  return { failed, json: values.output === 'json', keep: values.keep };
}

async function demo(options: DemoOptions, stopping: AbortSignal): Promise<number> {
  const { ANTHROPIC_API_KEY: apiKey, ANTHROPIC_BASE_URL: baseUrl, SWITCHBOARD_MODEL: model } = process.env;
  const claude = apiKey === undefined || apiKey === '' ? undefined : { apiKey, baseUrl };
  const say = (text: string): void => {
    if (!options.json) process.stdout.write(`${text}\n`);
  };
  say(
    `Starting PostgreSQL 18, Jira and Slack stand-ins${claude === undefined ? ' and a stand-in for Claude' : ''} ...`,
  );
  const stack = await startStack({
    ...(options.failed !== undefined && { failed: options.failed }),
    ...(claude !== undefined && { anthropic: claude }),
    claude: { paceMs: options.json ? 0 : 4 },
  });
  try {
    if (stopping.aborted) return 130;
    say(`$ switchboard run failed-orders --accept-grants    (in ${stack.workspace.folder})\n`);
    const before = stack.jira.issues().map((issue) => issue.key);
    const environment = { ...stack.environment, ...(model !== undefined && { SWITCHBOARD_MODEL: model }) };
    const code = await runCli(options, environment, stack, stopping);
    const result = await readResult(stack, before);
    if (options.json) process.stdout.write(`${JSON.stringify(result)}\n`);
    else say(await describeResult(result, options));
    if (options.keep && !stopping.aborted) {
      say('\nEverything stays up until Ctrl-C.');
      await new Promise((resolve) => stopping.addEventListener('abort', resolve, { once: true }));
    }
    return code;
  } finally {
    await stack.stop();
  }
}

async function runCli(
  options: DemoOptions,
  environment: Readonly<Record<string, string>>,
  stack: Stack,
  stopping: AbortSignal,
): Promise<number> {
  const child = startCli(['run', 'failed-orders', '--accept-grants', '--output', options.json ? 'json' : 'text'], {
    environment,
    cwd: stack.workspace.folder,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const passOn = (): void => {
    interrupt(child);
  };
  stopping.addEventListener('abort', passOn, { once: true });
  const { code } = await finished(child);
  stopping.removeEventListener('abort', passOn);
  // If it is interrupted before it handles the signal, it dies of it and has no exit code.
  return code ?? (stopping.aborted ? 130 : 1);
}

function interrupt(child: ChildProcess): void {
  if (child.exitCode === null) child.kill('SIGINT');
}

/** Read from the systems themselves, not from what the run reports. */
async function readResult(stack: Stack, before: readonly string[]): Promise<DemoResult> {
  const client = new Client({ connectionString: stack.database.url });
  await client.connect();
  const counted = await client.query<{ failed: number }>(
    `select count(*)::int as failed from orders where status = 'failed' and created_at >= now() - interval '24 hours'`,
  );
  await client.end();
  const ticket = stack.jira.issues().find((issue) => !before.includes(issue.key));
  const message = stack.slack.messages(channel).at(-1);
  return {
    type: 'demo-finished',
    failedOrders: counted.rows[0]?.failed ?? 0,
    ticket: ticket?.key ?? null,
    ticketUrl: ticket === undefined ? null : stack.jira.browseUrl(ticket.key),
    message: message === undefined ? null : `${channel}/${message.ts}`,
    messageUrl: message === undefined ? null : stack.slack.channelUrl(channel),
  };
}

async function describeResult(result: DemoResult, { keep }: DemoOptions): Promise<string> {
  const lines = ['', `${result.failedOrders} orders failed in the last 24 hours.`];
  if (result.ticketUrl === null && result.messageUrl === null)
    return [...lines, 'Nothing was filed or posted.'].join('\n');
  const pages = [
    ['Ticket', result.ticket, result.ticketUrl, 'ticket.html'],
    ['Message', channel, result.messageUrl, 'channel.html'],
  ] as const;
  const folder = keep ? undefined : await mkdtemp(join(tmpdir(), 'switchboard-demo-'));
  for (const [label, name, url, file] of pages) {
    if (url === null) lines.push(`${label.padEnd(8)} none`);
    else
      lines.push(
        `${label.padEnd(8)} ${(name ?? '').padEnd(12)} ${folder === undefined ? url : await savePage(url, join(folder, file))}`,
      );
  }
  if (folder !== undefined)
    lines.push('', 'The pages are saved as they were. To open them live: npm run demo -- --keep');
  return lines.join('\n');
}

async function savePage(url: string, file: string): Promise<string> {
  const response = await fetch(url);
  await writeFile(file, await response.text());
  return file;
}

const options = readOptions(process.argv.slice(2));
if (typeof options === 'string') {
  const help = options === usage;
  process[help ? 'stdout' : 'stderr'].write(help ? `${usage}\n` : `demo: ${options}\n\n${usage}\n`);
  process.exitCode = help ? 0 : 2;
} else {
  const stopping = new AbortController();
  // The reader of our output has gone, as with `| head`.
  process.stdout.on('error', () => stopping.abort());
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      // The first ends everything in order; the cluster's own watchdog cleans up after the second.
      if (stopping.signal.aborted) process.exit(130);
      stopping.abort();
    });
  }
  try {
    process.exitCode = await demo(options, stopping.signal);
  } catch (error) {
    process.stderr.write(`demo: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}
