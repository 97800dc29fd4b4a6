import { auditFolders, listFolder, readHead } from '../../servers/contract/audit/files.ts';

/** The current head of each audit log, by name. Keep it where nobody who can change the logs can change it. */
export type AuditHeads = Readonly<Record<string, { readonly sequence: number; readonly hash: string }>>;

/** As saved by the writers, without reading the logs. */
export function auditHeads(stateFolder: string): AuditHeads {
  const heads = listFolder(auditFolders(stateFolder).heads).flatMap((file) => {
    const name = file.endsWith('.head') ? file.slice(0, -'.head'.length) : undefined;
    const head = name === undefined ? undefined : readHead(stateFolder, name);
    return name === undefined || head === undefined || head.sequence === 0 ? [] : [[name, head] as const];
  });
  return Object.fromEntries(heads);
}
