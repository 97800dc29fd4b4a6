import { type ExtensionContext, window, l10n } from 'vscode';
import { auditText } from '../../sessions/audit-text.ts';
import type { EngineHolder } from '../engine/engine.ts';
import type { ReadOnlyDocuments } from '../editor/read-only-documents.ts';
import { plural } from '../plural.ts';

export interface AuditCommandParts {
  readonly context: ExtensionContext;
  readonly holder: EngineHolder;
  readonly documents: ReadOnlyDocuments;
}

export function createAuditCommands({ context, holder, documents }: AuditCommandParts) {
  /** Shows all logs as one read-only text, because an edited log would no longer verify. */
  const openAuditLog = async (): Promise<void> => {
    const text = auditText(context.globalStorageUri.fsPath);
    if (text === '') void window.showInformationMessage(l10n.t('The audit log is empty. No tool has been called yet.'));
    else await documents.show(l10n.t('Audit log'), text, 'end');
  };
  const say = async (message: string, isBroken: boolean): Promise<void> => {
    const show = isBroken ? window.showErrorMessage : window.showInformationMessage;
    if ((await show(message, l10n.t('Open Audit Log'))) !== undefined) await openAuditLog();
  };
  return {
    openAuditLog,

    verifyAuditLog: async () => {
      const { engine } = await holder.get();
      const logs = engine.verifyAudit();
      const broken = logs.find(({ status }) => status === 'broken');
      const records = logs.reduce((sum, log) => sum + log.records, 0);
      const whole = plural(
        records,
        'The audit log is intact: {0} record in {1} logs.',
        'The audit log is intact: {0} records in {1} logs.',
        String(logs.length),
      );
      if (broken === undefined)
        void say(records === 0 ? l10n.t('The audit log is empty. No tool has been called yet.') : whole, false);
      else void say(l10n.t('The audit log is broken. {0}: {1}', broken.name, broken.problem ?? ''), true);
    },
  };
}
