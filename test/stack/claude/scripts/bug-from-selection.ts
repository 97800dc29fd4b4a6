import type { Conversation, Exchange, Script } from '../conversation.ts';
import { answerTo, callTo, complaintOf, once } from './script-kit.ts';

/** Reads the selection in the prompt, looks around it, and drafts one bug. */
export const fileBugFromSelection: Script = (conversation) => {
  const { prompt } = conversation;
  const selection = readSelection(prompt);
  const project = /project ([A-Z][A-Z0-9_]*)\b/.exec(prompt)?.[1] ?? 'ENG';
  const { path, lines } = selection;
  const read = path === undefined ? undefined : callTo(conversation, 'read_workspace_file', { path, ...lines });
  const looked = once(conversation, 'I am a stand-in for Claude, a script. I look at the code and at its history.', [
    callTo(conversation, 'get_editor_context', {}),
    read,
    path === undefined ? undefined : callTo(conversation, 'get_git_history', { path }),
  ]);
  if (looked !== undefined) return looked;
  const code = selection.code === '' ? codeIn(answerTo(conversation, read)) : selection.code;
  const subject = subjectOf(code);
  const searched = once(conversation, `Is anything known about ${subject}?`, [
    callTo(conversation, 'search_jira_issues', {
      jql: `project = ${project} AND statusCategory != Done AND text ~ "${subject}"`,
    }),
  ]);
  if (searched !== undefined) return searched;
  const known = new RegExp(`\\b${project}-\\d+\\b`).exec(conversation.of('search_jira_issues').at(-1)?.text ?? '')?.[0];
  if (known !== undefined) return { text: `${known} is open about ${subject} already, so I file nothing.` };
  const ticket = conversation.of('create_jira_ticket').at(-1);
  if (ticket?.isError === true) return { text: `No ticket was filed. ${complaintOf(ticket)}` };
  if (ticket !== undefined) {
    const url = /https?:\/\/[^\s)"']+\/browse\/[A-Z0-9_-]+/.exec(ticket.text)?.[0];
    return { text: `Filed ${url ?? 'the ticket'}. (The stand-in for Claude.)` };
  }
  const call = callTo(conversation, 'create_jira_ticket', {
    project_key: project,
    issue_type: /type ([A-Z]\w+)/.exec(prompt)?.[1] ?? 'Bug',
    priority: /priority (\w+)/.exec(prompt)?.[1] ?? 'Medium',
    summary: `Check ${subject} in ${path ?? 'the selected code'}`,
    description: describe(conversation, { path, code, subject }),
  });
  return call === undefined
    ? { text: 'Jira is not connected, so nothing was filed.' }
    : { text: 'I file it.', calls: [call] };
};

interface Selection {
  readonly path: string | undefined;
  /** Path of the file; undefined if the prompt does not say. */
  readonly lines: { readonly start_line?: number; readonly end_line?: number };
  /** Empty if only the file and lines are given. */
  readonly code: string;
}

function readSelection(prompt: string): Selection {
  const [, label, text] =
    /^--- (Selection[^\n]*?) ---\n([\s\S]*?)(?=\n\n--- |\n\n\(The time|$(?![\s\S]))/m.exec(prompt) ?? [];
  const [, named, start, end] = /selected: ([\w./-]+\.\w+)(?: (\d+)-(\d+))?/.exec(prompt) ?? [];
  return {
    path: /[\w./-]+\.\w+/.exec(label ?? '')?.[0] ?? named,
    lines: start === undefined ? {} : { start_line: Number(start), end_line: Number(end) },
    code: (text ?? '').trim(),
  };
}

/** The numbered lines of a file that was read, without their numbers. */
function codeIn(exchange: Exchange | undefined): string {
  const lines = [...(exchange?.text ?? '').matchAll(/^\d+\t(.*)$/gm)].map((match) => match[1] ?? '');
  return lines.join('\n');
}

/** The longest identifier: a ticket about it would use it as its title. */
function subjectOf(code: string): string {
  const names = (code.match(/[A-Za-z_]\w{3,}/g) ?? []).toSorted((a, b) => b.length - a.length);
  return names[0] ?? 'the selection';
}

function describe(
  conversation: Conversation,
  { path, code, subject }: Pick<Selection, 'path' | 'code'> & { readonly subject: string },
): string {
  const permalink = /^Permalink: (\S+)$/m.exec(conversation.prompt)?.[1];
  const lines = /^Lines: ([\d-]+)$/m.exec(conversation.prompt)?.[1];
  const history = conversation.of('get_git_history').at(-1);
  const fence = '```';
  return [
    `Somebody pointed at \`${subject}\`${path === undefined ? '' : ` in \`${path}\``}${lines === undefined ? '' : `, lines ${lines}`}.`,
    permalink === undefined ? '' : `[The code at that commit](${permalink})`,
    code === '' ? '' : `${fence}\n${code}\n${fence}`,
    history?.isError === false && history.evidence !== undefined
      ? `### Last changes\n\n{{${history.evidence} rows=5}}`
      : '',
    '*Written by the stand-in for Claude, a script.*',
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}
