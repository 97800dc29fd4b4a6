import { commands, type LogOutputChannel, window } from 'vscode';

/** Says what is wrong in the settings: in the log each time, to the person once a window. */
export function createProblemReport(log: LogOutputChannel): (problem: string) => void {
  const said = new Set<string>();
  return (problem) => {
    log.warn(problem);
    if (said.has(problem)) return;
    said.add(problem);
    void window
      .showWarningMessage(`Switchboard: ${problem}`, 'Open Settings')
      .then((choice) =>
        choice === undefined ? undefined : commands.executeCommand('workbench.action.openSettings', 'switchboard'),
      );
  };
}
