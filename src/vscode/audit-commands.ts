import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ExtensionContext, window } from 'vscode';
import type { EngineHolder } from './engine.ts';
import type { ReadOnlyDocuments } from './read-only-documents.ts';

export interface AuditCommandParts {
  readonly context: ExtensionContext;
  readonly holder: EngineHolder;
  readonly documents: ReadOnlyDocuments;
}

export function createAuditCommands({ context, holder, documents }: AuditCommandParts) {
  const folder = join(context.globalStorageUri.fsPath, 'audit');

  return {
    /** One of the logs, read-only: an edited log would no longer verify. */
    openAuditLog: async () => {
      const files = (await filesIn(folder)).filter((name) => name.endsWith('.jsonl'));
      if (files.length === 0) {
        void window.showInformationMessage('The audit log is empty: nothing has been called yet.');
        return;
      }
      const file =
        files.length === 1 ? files[0] : await window.showQuickPick(files.toReversed(), { title: 'Open Audit Log' });
      if (file !== undefined) await documents.show(file, await readFile(join(folder, file), 'utf8'));
    },

    verifyAuditLog: async () => {
      const { engine } = await holder.get();
      const logs = engine.verifyAudit();
      const broken = logs.find(({ status }) => status === 'broken');
      const records = logs.reduce((sum, log) => sum + log.records, 0);
      if (broken !== undefined)
        void window.showErrorMessage(`The audit log is broken. ${broken.name}: ${broken.problem ?? ''}`);
      else void window.showInformationMessage(`The audit log is whole: ${records} records in ${logs.length} logs.`);
    },
  };
}

async function filesIn(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).sort();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}
