import { commands, env, Uri, window } from 'vscode';
import type { ApprovalRequest } from '../../agent/approval.ts';
import type { ServerQuestion } from '../../agent/server-question.ts';

/** Asks for approval in a notification, for when the chat is hidden. */
export function notifyApproval(request: ApprovalRequest): void {
  const what =
    request.preview === undefined
      ? request.tool.title
      : `${request.preview.title} (${request.preview.destination.name})`;
  void window
    .showInformationMessage(`Switchboard needs your approval: ${what}`, 'Show')
    .then((choice) => (choice === 'Show' ? commands.executeCommand('switchboard.openChat') : undefined));
}

/** Says that a third-party server asks something, for when the chat is hidden. */
export function notifyQuestion({ server }: ServerQuestion): void {
  void window
    .showInformationMessage(`Switchboard: ${server} asks you a question.`, 'Show')
    .then((choice) => (choice === 'Show' ? commands.executeCommand('switchboard.openChat') : undefined));
}

/** Announces a new ticket and offers to open it. */
export function notifyFiled(link: { readonly label: string; readonly url: string }): void {
  void window
    .showInformationMessage(`Switchboard filed ${link.label}.`, 'Open')
    .then((choice) => (choice === 'Open' ? env.openExternal(Uri.parse(link.url, true)) : undefined));
}

/** Asks whether to resume a run that a reload interrupted. */
export async function offerToContinue(what: string): Promise<boolean> {
  const message = `Switchboard: '${what}' was interrupted when the window was closed or reloaded.`;
  return (await window.showInformationMessage(message, 'Continue')) === 'Continue';
}
