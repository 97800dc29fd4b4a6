import { type ExtensionContext, type LogOutputChannel, Uri } from 'vscode';
import type { Assemble } from '../switchboard.ts';
import type { Workspace } from '../workspace/workspace.ts';
import { createEditorWorkspace } from './editor/editor-workspace.ts';
import { EngineHolder } from './engine/engine.ts';
import { createFurtherSecrets, type FurtherSecrets } from './connections/further-servers.ts';
import { Probes } from './connections/probes.ts';
import { createMilestones, type Milestones } from './milestones.ts';
import { findEditorModel } from './engine/lm-model.ts';
import { createProblemReport } from './engine/settings-problems.ts';
import { ReadOnlyDocuments } from './editor/read-only-documents.ts';
import { createSecretBox, type SecretBox } from './engine/secrets.ts';
import type { HistoryTree } from './history/history-view.ts';
import { createServerLogs, type ServerLogs } from './connections/server-logs.ts';

export interface HostParts {
  readonly context: ExtensionContext;
  readonly log: LogOutputChannel;
  readonly assemble: () => Promise<Assemble>;
  /** Called when the servers offered to VS Code's own agent may have changed. */
  readonly onServersChanged: () => void;
  /** The view of the sessions, which exists before the host does. */
  readonly historyTree: () => HistoryTree | undefined;
}

/** The services that every part of the host uses. */
export interface Base {
  readonly report: (error: unknown) => void;
  readonly dist: string;
  readonly code: Workspace;
  readonly logs: ServerLogs;
  readonly secrets: SecretBox;
  readonly documents: ReadOnlyDocuments;
  readonly context: ExtensionContext;
  readonly further: FurtherSecrets;
  readonly probes: Probes;
  readonly milestones: Milestones;
}

export function createBase({ context, log }: HostParts): Base {
  return {
    context,
    report: (error) => log.error(error instanceof Error ? error : String(error)),
    dist: Uri.joinPath(context.extensionUri, 'dist').fsPath,
    code: createEditorWorkspace(),
    logs: createServerLogs(),
    secrets: createSecretBox(context.secrets, process.env),
    documents: new ReadOnlyDocuments(),
    further: createFurtherSecrets(context.secrets),
    probes: new Probes(),
    milestones: createMilestones(context.globalState),
  };
}

export function createHolder(
  { log, assemble }: HostParts,
  { secrets, logs, code, dist, report, context, further }: Base,
): EngineHolder {
  return new EngineHolder({
    secrets,
    assemble,
    editorModel: findEditorModel,
    environment: process.env,
    onProblem: createProblemReport(log),
    onNote: (note) => log.info(note),
    inputAnswer: further.answer,
    base: {
      distFolder: dist,
      stateFolder: context.globalStorageUri.fsPath,
      workspace: code,
      credentials: further.credentials,
      onServerLine: logs.append,
      report,
    },
  });
}
