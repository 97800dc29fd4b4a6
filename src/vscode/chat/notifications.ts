import { commands, env, Uri, window } from 'vscode';
import type { ApprovalRequest } from '../../agent/approval.ts';

/** For a person who is not looking at the chat. */
export function notifyApproval(request: ApprovalRequest): void {
  const what =
    request.preview === undefined
      ? request.tool.title
      : `${request.preview.title} (${request.preview.destination.name})`;
  void window
    .showInformationMessage(`Switchboard needs your approval: ${what}`, 'Show')
    .then((choice) => (choice === 'Show' ? commands.executeCommand('switchboard.openChat') : undefined));
}

/** A ticket is there: its link opens it. */
export function notifyFiled(link: { readonly label: string; readonly url: string }): void {
  void window
    .showInformationMessage(`Switchboard filed ${link.label}.`, 'Open')
    .then((choice) => (choice === 'Open' ? env.openExternal(Uri.parse(link.url, true)) : undefined));
}

/** A run was cut off by a reload: the person decides whether it goes on. */
export async function offerToContinue(what: string): Promise<boolean> {
  const message = `Switchboard: '${what}' was interrupted when the window was closed or reloaded.`;
  return (await window.showInformationMessage(message, 'Continue')) === 'Continue';
}
