import { type ExtensionContext, window } from 'vscode';
import { auditText } from '../sessions/audit-text.ts';
import type { EngineHolder } from './engine.ts';
import type { ReadOnlyDocuments } from './read-only-documents.ts';

export interface AuditCommandParts {
  readonly context: ExtensionContext;
  readonly holder: EngineHolder;
  readonly documents: ReadOnlyDocuments;
}

export function createAuditCommands({ context, holder, documents }: AuditCommandParts) {
  return {
    /** All logs as one text, read-only: an edited log would no longer verify. */
    openAuditLog: async () => {
      const text = auditText(context.globalStorageUri.fsPath);
      if (text === '') void window.showInformationMessage('The audit log is empty: nothing has been called yet.');
      else await documents.show('Audit log', text);
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
