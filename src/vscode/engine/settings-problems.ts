import { commands, type LogOutputChannel, window, l10n } from 'vscode';
import { known } from '../texts.ts';

/** Reports settings problems: in the log every time, and in a notification once per window. */
export function createProblemReport(log: LogOutputChannel): (problem: string) => void {
  const said = new Set<string>();
  return (problem) => {
    log.warn(problem);
    if (said.has(problem)) return;
    said.add(problem);
    void window
      .showWarningMessage(`Switchboard: ${known(problem)}`, l10n.t('Open Settings'))
      .then((choice) =>
        choice === undefined ? undefined : commands.executeCommand('workbench.action.openSettings', 'switchboard'),
      );
  };
}
