import { commands, env, Uri, window, l10n } from 'vscode';
import type { ApprovalRequest } from '../../agent/approval.ts';
import type { ServerQuestion } from '../../agent/server-question.ts';
import { known, term } from '../texts.ts';

/** Asks for approval in a notification, for when the chat is hidden. */
export function notifyApproval(request: ApprovalRequest, session: string | undefined): void {
  const what =
    request.preview === undefined
      ? term(request.tool.title)
      : `${known(request.preview.title)} (${request.preview.destination.name})`;
  void offerToShow(l10n.t('Switchboard needs your approval: {0}', what), session);
}

/** Says that a third-party server asks something, for when the chat is hidden. */
export function notifyQuestion({ server }: ServerQuestion, session: string | undefined): void {
  void offerToShow(l10n.t('Switchboard: {0} asks you a question.', server), session);
}

async function offerToShow(message: string, session: string | undefined): Promise<void> {
  const choice = await window.showInformationMessage(message, l10n.t('Show'));
  if (choice !== undefined) await commands.executeCommand('switchboard.openSession', session);
}

/** Announces a new ticket and offers to open it. */
export function notifyFiled(link: { readonly label: string; readonly url: string }): void {
  void window
    .showInformationMessage(l10n.t('Switchboard filed {0}.', link.label), l10n.t('Open'))
    .then((choice) => (choice === undefined ? undefined : env.openExternal(Uri.parse(link.url, true))));
}

/** Asks whether to resume a run that a reload interrupted. */
export async function offerToContinue(what: string): Promise<boolean> {
  const message = l10n.t("Switchboard: '{0}' was interrupted when the window was closed or reloaded.", what);
  return (await window.showInformationMessage(message, l10n.t('Continue'))) !== undefined;
}
