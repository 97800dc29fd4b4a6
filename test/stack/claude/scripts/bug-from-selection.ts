import type { Conversation, Script } from '../conversation.ts';
import { callTo, complaintOf, once } from './script-kit.ts';

/** Reads the selection in the prompt, looks around it, and drafts one bug. */
export const fileBugFromSelection: Script = (conversation) => {
  const { prompt } = conversation;
  const selection = readSelection(prompt);
  const project = /project ([A-Z][A-Z0-9_]*)\b/.exec(prompt)?.[1] ?? 'ENG';
  const looked = once(conversation, 'I am a stand-in for Claude, a script. I look at the code and at its history.', [
    callTo(conversation, 'get_editor_context', {}),
    selection.path === undefined ? undefined : callTo(conversation, 'read_workspace_file', { path: selection.path }),
    selection.path === undefined ? undefined : callTo(conversation, 'get_git_history', { path: selection.path }),
    callTo(conversation, 'search_jira_issues', {
      jql: `project = ${project} AND statusCategory != Done AND text ~ "${selection.subject}"`,
    }),
  ]);
  if (looked !== undefined) return looked;
  const known = new RegExp(`\\b${project}-\\d+\\b`).exec(conversation.of('search_jira_issues').at(-1)?.text ?? '')?.[0];
  if (known !== undefined) return { text: `${known} is open about ${selection.subject} already, so I file nothing.` };
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
    summary: `Check ${selection.subject} in ${selection.path ?? 'the selected code'}`,
    description: describe(conversation, selection),
  });
  return call === undefined
    ? { text: 'Jira is not connected, so nothing was filed.' }
    : { text: 'I file it.', calls: [call] };
};

interface Selection {
  readonly path: string | undefined;
  readonly code: string;
  /** The longest name in it: what a ticket about it would be called. */
  readonly subject: string;
}

function readSelection(prompt: string): Selection {
  const [, label, text] = /^--- (Selection[^\n]*?) ---\n([\s\S]*?)(?=\n\n--- |\n\n\(The time|$)/m.exec(prompt) ?? [];
  const code = (text ?? '').trim();
  const names = (code.match(/[A-Za-z_]\w{3,}/g) ?? []).toSorted((a, b) => b.length - a.length);
  const path = /[\w./-]+\.\w+/.exec(label ?? '')?.[0] ?? /selected: ([\w./-]+\.\w+)/.exec(prompt)?.[1];
  return { path, code, subject: names[0] ?? 'the selection' };
}

function describe(conversation: Conversation, { path, code, subject }: Selection): string {
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
