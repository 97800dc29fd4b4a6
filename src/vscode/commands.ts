import { commands, Disposable } from 'vscode';
import type { Host } from './host.ts';
import { showProblem } from './problem.ts';

/** Every command that package.json contributes, without the `switchboard.` prefix. */
const table = {
  investigateFailedOrders: (host) => host.runRunbook('failed-orders'),
  fileJiraBugFromSelection: (host) => host.fileBugFromSelection(),
  openChat: (host) => host.openChat(),
  newSession: (host) => host.newSession(),
  sessionHistory: (host) => host.showHistory(),
  runRunbook: (host) => host.runRunbook(undefined),
  customizeRunbook: (host) => host.customizeRunbook(),
  askAboutLine: (host, argument) => host.askAboutLine(argument),
  chooseModel: (host) => host.chooseModel(),
  addTerminalSelection: (host) => host.addTerminalSelection(),
  setUpConnections: (host, argument) => host.setUpConnections(argument),
  testConnections: (host) => host.testConnections(),
  restartServer: (host, argument) => host.restartServer(argument),
  showServerLog: (host, argument) => host.showServerLog(argument),
  signInToServer: (host, argument) => host.signInToServer(argument),
  enterServerValues: (host) => host.enterServerValues(),
  openAuditLog: (host) => host.openAuditLog(),
  verifyAuditLog: (host) => host.verifyAuditLog(),
  exportSession: (host, argument) => host.exportSession(argument),
  openSession: (host, argument) => host.openSession(argument),
  searchSessions: (host) => host.searchSessions(),
  renameSession: (host, argument) => host.renameSession(argument),
  pinSession: (host, argument) => host.pinSession(argument),
  unpinSession: (host, argument) => host.unpinSession(argument),
  deleteSession: (host, argument) => host.deleteSession(argument),
  branchSession: (host, argument) => host.branchSession(argument),
  compareRuns: (host, argument) => host.compareRuns(argument),
  cancelRun: (host) => host.cancelRun(),
} satisfies Record<string, (host: Host, argument: unknown) => Promise<void> | void>;

/** Registers all commands. The first one to run loads the host. */
export function registerCommands(host: () => Promise<Host>, log: { readonly show: () => void }): Disposable {
  return Disposable.from(
    ...Object.entries(table).map(([name, run]) =>
      commands.registerCommand(`switchboard.${name}`, async (argument: unknown) => {
        try {
          await run(await host(), argument);
        } catch (error) {
          void showProblem(error, log);
        }
      }),
    ),
  );
}
