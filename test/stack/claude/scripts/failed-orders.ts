import type { Conversation, Exchange, Script, Turn, TurnCall } from '../conversation.ts';
import { traceCode, type Cause } from './failed-orders-code.ts';
import { planReads, readJob, type Job, type Reads } from './failed-orders-job.ts';
import { answerTo, callTo, complaintOf, once, readTable } from './script-kit.ts';

const introduction =
  'I am a stand-in for Claude: a script, not a model. What I do next is fixed; what I report is read from the tools.';
const signature = 'Written by the stand-in for Claude, a script.';

/** The failed-orders runbook, step by step. Each step uses the results of the steps before. */
export const investigateFailedOrders: Script = (conversation) => {
  const job = readJob(conversation);
  const reads = planReads(conversation, job);
  const looked = lookAtData(conversation, reads);
  if (looked !== undefined) return looked;
  const code = topCode(conversation, reads);
  if (code === undefined) return { text: `Inconclusive: ${whyNoCode(conversation, reads, job)} (${job.counted})` };

  const search = callTo(conversation, 'search_jira_issues', {
    jql: `project = ${job.project} AND statusCategory != Done AND text ~ "${code}"`,
  });
  const compared = once(conversation, 'Is it known already? And what did payments do before?', [
    search,
    reads.payments,
  ]);
  if (compared !== undefined) return compared;
  const { turn, cause } = traceCode(conversation, code, plan(conversation, 2));
  return turn ?? report(conversation, job, { reads, cause, found: answerTo(conversation, search) });
};

function lookAtData(conversation: Conversation, reads: Reads): Turn | undefined {
  return (
    once(conversation, introduction, [plan(conversation, 0), reads.schema, reads.tables]) ??
    once(conversation, 'I group the failures by code, hour and release.', [
      plan(conversation, 1),
      reads.byCode,
      reads.byHour,
      reads.byRelease,
      reads.paymentSchema,
    ])
  );
}

function plan(conversation: Conversation, running: number) {
  const steps = [
    'Look at the data',
    'Group the failures',
    'Find the cause in the code',
    'File the ticket and tell the team',
  ];
  return callTo(conversation, 'update_plan', {
    steps: steps.map((text, index) => ({
      text,
      status: index < running ? 'done' : index === running ? 'running' : 'pending',
    })),
  });
}

function only(call: TurnCall | undefined): TurnCall[] {
  return call === undefined ? [] : [call];
}

function topCode(conversation: Conversation, reads: Reads): string | undefined {
  const code = readTable(answerTo(conversation, reads.byCode))?.rows[0]?.[0]?.trim();
  return code === '' || code === 'null' ? undefined : code;
}

function whyNoCode(conversation: Conversation, reads: Reads, job: Job): string {
  const failed = conversation.exchanges.find((exchange) => exchange.isError);
  if (failed !== undefined) return `${failed.tool} failed. ${complaintOf(failed)}`;
  return reads.byCode === undefined
    ? `${job.table} has no column that says why an order failed.`
    : 'the failed orders do not say why they failed.';
}

interface Findings {
  readonly reads: Reads;
  readonly cause: Cause;
  /** Existing Jira issues about it. */
  readonly found: Exchange | undefined;
}

function report(conversation: Conversation, job: Job, findings: Findings): Turn {
  const known = new RegExp(`\\b${job.project}-\\d+\\b`).exec(findings.found?.text ?? '')?.[0];
  if (known !== undefined)
    return {
      text: `${known} is open about the same failure already, so I file nothing.\n\n${summary(conversation, job, findings)}`,
    };
  const ticket = lastSent(conversation, 'create_jira_ticket');
  if (ticket === undefined) return fileTicket(conversation, job, findings);
  if (ticket.isError)
    return {
      text: `No ticket was filed, so nothing was posted. ${complaintOf(ticket)}\n\n${summary(conversation, job, findings)}`,
    };
  const key = /\b[A-Z][A-Z0-9_]*-\d+\b/.exec(ticket.text)?.[0] ?? 'the ticket';
  const url = /https?:\/\/[^\s)"']+\/browse\/[A-Z0-9_-]+/.exec(ticket.text)?.[0];
  const link = url === undefined ? key : `[${key}](${url})`;
  const message = lastSent(conversation, 'post_slack_message');
  if (message === undefined) return postMessage(conversation, job, findings, link);
  const told = message.isError
    ? `The message to ${job.channel} was not posted. ${complaintOf(message)}`
    : `${job.channel} knows.`;
  return { text: `Filed ${link}. ${told}\n\n${summary(conversation, job, findings)}` };
}

/** A call whose input was cut off was never made, so it is repeated. */
function lastSent(conversation: Conversation, plainName: string): Exchange | undefined {
  return conversation.of(plainName).findLast(({ input }) => Object.keys(input).length > 0);
}

function fileTicket(conversation: Conversation, job: Job, findings: Findings): Turn {
  const call = callTo(conversation, 'create_jira_ticket', {
    project_key: job.project,
    issue_type: job.issueType,
    priority: job.priority,
    summary: `${value(job.counted, 'failed_count')} orders failed in ${job.hours} hours, most with ${findings.cause.code}`,
    description: description(conversation, job, findings),
  });
  if (call === undefined)
    return { text: `Jira is not connected, so nothing was filed.\n\n${summary(conversation, job, findings)}` };
  return { text: 'The cause is clear enough to file.', calls: [...only(plan(conversation, 3)), call] };
}

function postMessage(conversation: Conversation, job: Job, findings: Findings, link: string): Turn {
  const { setting, commit } = findings.cause;
  const cause =
    setting === undefined
      ? 'The cause is not known yet.'
      : `Likely cause: \`${setting.text}\` in ${setting.path}${commit === undefined ? '' : `, since ${commit}`}.`;
  const lines = [
    `**${value(job.counted, 'failed_count')} orders failed** in the last ${job.hours} hours, most with ${findings.cause.code}, the first at ${firstFailure(conversation, findings)}.`,
    cause,
    `Ticket: ${link}`,
  ];
  const call = callTo(conversation, 'post_slack_message', { channel: job.channel, text: lines.join('\n') });
  if (call === undefined) return { text: `Filed ${link}. Slack is not connected, so nobody was told.` };
  return { text: `Filed ${link}. Now the team.`, calls: [call, ...only(plan(conversation, 4))] };
}

function description(conversation: Conversation, job: Job, findings: Findings): string {
  const { reads } = findings;
  const sections = [
    `**${value(job.counted, 'failed_count')} orders failed** in the last ${job.hours} hours. ${value(evidenceOf(conversation, reads.byCode), 'failed_orders')} of them say ${findings.cause.code}, the first at ${firstFailure(conversation, findings)}.`,
    tableSection(conversation, 'By error code', reads.byCode),
    tableSection(conversation, 'By release', reads.byRelease),
    tableSection(conversation, 'Payments before and after', reads.payments),
    `### Likely cause\n\n${explain(findings.cause)}`,
    `### What to do next\n\n${nextSteps(findings.cause)}`,
    tableSection(conversation, 'By hour', reads.byHour),
    `*${signature}*`,
  ];
  return sections.filter((section) => section !== '').join('\n\n');
}

function tableSection(conversation: Conversation, title: string, call: Reads[keyof Reads]): string {
  const evidence = answerTo(conversation, call)?.evidence;
  return evidence === undefined ? '' : `### ${title}\n\n{{${evidence}}}`;
}

function explain({ code, raised, setting, commit, before }: Cause): string {
  if (raised === undefined) return `Not established: the code that raises ${code} was not to be seen.`;
  const where = `${code} is raised in \`${raised.path}\`, line ${raised.line}`;
  if (setting === undefined) return `${where}. What makes it raise was not established.`;
  const change =
    commit === undefined
      ? ''
      : ` Commit ${commit} changed that line last${before === undefined ? '' : `; before, it was \`${before.trim()}\``}.`;
  return `${where}. What decides is \`${setting.text}\` in \`${setting.path}\`, line ${setting.line}.${change}`;
}

function nextSteps({ setting, before, code }: Cause): string {
  const first =
    setting !== undefined && before !== undefined
      ? `Put \`${before.trim()}\` back in \`${setting.path}\` and release.`
      : `Find out what raises ${code}.`;
  return [first, 'Write to the customers whose orders failed.', 'Watch the failures by hour.']
    .map((step) => `- ${step}`)
    .join('\n');
}

function summary(conversation: Conversation, job: Job, findings: Findings): string {
  const byCode = evidenceOf(conversation, findings.reads.byCode);
  return `More orders failed than the runbook allows (${job.counted}), most with ${findings.cause.code} (${byCode}). ${explain(findings.cause)}`;
}

function firstFailure(conversation: Conversation, findings: Findings): string {
  return value(evidenceOf(conversation, findings.reads.byCode), 'first_failure');
}

function evidenceOf(conversation: Conversation, call: Reads[keyof Reads]): string {
  return answerTo(conversation, call)?.evidence ?? '';
}

function value(evidence: string, column: string): string {
  return `{{${evidence}[0].${column}}}`;
}
