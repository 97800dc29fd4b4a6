import type { Command } from 'commander';
import { Option } from 'commander';
import { exportJson } from '../../sessions/export-json.ts';
import { exportMarkdown } from '../../sessions/export-markdown.ts';
import { exportPostmortem } from '../../sessions/export-postmortem.ts';
import { mentions } from '../../sessions/mentions.ts';
import { createSessionStore, type SessionSummary } from '../../sessions/session-store.ts';
import { exitCodes, UsageError } from '../exit-codes.ts';
import { readAnchor, type AuditAnchor } from '../read-anchor.ts';
import { renderRows } from '../format-rows.ts';

/** Dependencies of the commands for stored records. The audit log functions are passed in. */
export interface RecordsPorts {
  readonly sessionsFolder: () => string;
  /** @param state as given with `--state`; undefined: the logs in the state folder. */
  readonly audit: (state: string | true | undefined) => AuditSource | Promise<AuditSource>;
  readonly print: (text: string) => void;
  readonly exit: (code: number) => void;
}

/** The audit logs in files, or in the state database of the servers. */
export interface AuditSource {
  readonly verify: (anchor: AuditAnchor) => readonly AuditVerdict[] | Promise<readonly AuditVerdict[]>;
  readonly read: (filter: AuditQuery) => readonly AuditLine[] | Promise<readonly AuditLine[]>;
}

export interface AuditVerdict {
  readonly name: string;
  readonly records: number;
  readonly status: 'whole' | 'broken';
  readonly head: AuditAnchor[string];
  readonly problem?: string;
  readonly note?: string;
}

export interface AuditQuery {
  readonly session?: string | undefined;
  readonly tool?: string | undefined;
  readonly since?: string | undefined;
}

export interface AuditLine {
  readonly time: string;
  readonly writer: string;
  readonly phase: string;
  readonly tool?: string | undefined;
  readonly outcome?: string | undefined;
  readonly errorCode?: string | undefined;
  readonly objectId?: string | undefined;
  readonly session?: string | undefined;
}

export function addSessionCommands(program: Command, ports: RecordsPorts): void {
  const sessions = program.command('sessions').description('Lists, shows and exports sessions on this machine.');
  sessions
    .command('list')
    .description('Lists sessions, newest first.')
    .option('--search <text>', 'only sessions that mention this text in prompts, answers, calls or results')
    .addOption(outputOption(['text', 'json']))
    .action(async ({ output, search }: { output: 'text' | 'json'; search?: string }) => {
      const list = await findSessions(ports.sessionsFolder(), search);
      const rows = list.map(({ id, changed, lastEnd, title }) => [id, changed, lastEnd ?? 'not ended', title]);
      ports.print(renderRows(['id', 'changed', 'ended', 'title'], rows, output));
    });
  for (const [name, description, outputs] of [
    ['show', 'Shows a session: prompts, answers, calls and approvals.', ['text', 'json']],
    ['export', 'Exports a session as Markdown, as JSON with every row, or as the draft of a postmortem.', exports],
  ] as const) {
    sessions
      .command(name)
      .argument('<id>', 'session id, as shown by sessions list')
      .description(description)
      .addOption(outputOption(outputs))
      .action(async (id: string, { output }: { output: (typeof exports)[number] }) => {
        const store = createSessionStore(ports.sessionsFolder());
        const content = await store.read(id);
        if (output === 'json') ports.print(exportJson(content, await store.evidence(id)));
        else ports.print(output === 'postmortem' ? exportPostmortem(content) : exportMarkdown(content));
      });
  }
}

const exports = ['text', 'json', 'postmortem'] as const;

async function findSessions(folder: string, search: string | undefined): Promise<readonly SessionSummary[]> {
  const store = createSessionStore(folder);
  const list = await store.list();
  if (search === undefined) return list;
  const found: SessionSummary[] = [];
  for (const summary of list) if (mentions(await store.read(summary.id), search)) found.push(summary);
  return found;
}

export function addAuditCommands(program: Command, ports: RecordsPorts): void {
  const audit = program.command('audit').description('Checks and prints the audit logs of the host and the servers.');
  audit
    .command('verify')
    .description('Checks every log. The exit code is 1 if one is broken.')
    .option('--anchor <file>', 'also compare with an earlier output of `audit anchor`, or with the log of a server')
    .addOption(stateOption())
    .action(async ({ anchor, state }: { anchor?: string; state?: string | true }) => {
      const source = await ports.audit(state);
      const logs = await source.verify(anchor === undefined ? {} : await readAnchor(anchor));
      for (const { name, records, status, problem, note } of logs) {
        const said = problem ?? note;
        ports.print(`${status.padEnd(6)}  ${name}  ${records} records${said === undefined ? '' : `  ${said}`}\n`);
      }
      if (logs.length === 0) ports.print('There is no audit log yet.\n');
      if (logs.some(({ status }) => status === 'broken')) ports.exit(exitCodes.failed);
    });
  audit
    .command('anchor')
    .description('Prints the end of each log. Store it elsewhere to detect logs that are truncated or rewritten.')
    .addOption(stateOption())
    .action(async ({ state }: { state?: string | true }) => {
      const logs = await (await ports.audit(state)).verify({});
      ports.print(`${JSON.stringify(Object.fromEntries(logs.map(({ name, head }) => [name, head])))}\n`);
    });
  audit
    .command('show')
    .description('Prints records in order of time.')
    .option('--session <id>', 'only records of this session')
    .option('--tool <name>', 'only records of this tool, by plain name')
    .option('--since <time>', 'only records from this time on: 2026-01-31 or 2026-01-31T10:00')
    .addOption(stateOption())
    .addOption(outputOption(['text', 'json', 'csv']))
    .action(async (options: AuditQuery & { output: 'text' | 'json' | 'csv'; state?: string | true }) => {
      const { output, since, state, ...rest } = options;
      const source = await ports.audit(state);
      const records = await source.read({ ...rest, since: since === undefined ? undefined : readTime(since) });
      if (output === 'json') ports.print(records.map((record) => `${JSON.stringify(record)}\n`).join(''));
      else ports.print(renderRows(auditColumns, records.map(auditRow), output));
    });
}

function stateOption(): Option {
  return new Option(
    '--state [url]',
    'the logs in the state database of the servers, at SWITCHBOARD_STATE_URL if no URL is given',
  );
}

const auditColumns = ['time', 'log', 'phase', 'tool', 'outcome', 'object', 'session'];

function auditRow(record: AuditLine) {
  const { time, writer, phase, tool, outcome, errorCode, objectId, session } = record;
  return [time, writer, phase, tool, errorCode ?? outcome, objectId, session];
}

function outputOption(kinds: readonly string[]): Option {
  return new Option('--output <kind>').choices(kinds).default('text');
}

/** @throws UsageError */
function readTime(text: string): string {
  const time = new Date(text);
  if (!/^\d{4}-\d{2}-\d{2}/.test(text) || Number.isNaN(time.getTime())) {
    throw new UsageError(`--since ${text}: write a date or time such as 2026-01-31 or 2026-01-31T10:00`);
  }
  return time.toISOString();
}
