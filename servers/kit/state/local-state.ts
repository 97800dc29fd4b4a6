import { join } from 'node:path';
import { createAuditWriter } from '../../contract/audit/writer.ts';
import type { Log } from '../log.ts';
import { createPauses, noPauses } from '../pauses.ts';
import { createLimiter } from '../rate-limit.ts';
import { createFileLedgerStore } from './ledger-store.ts';
import type { State } from './state.ts';

/**
 * State in a folder, for the processes of one machine.
 * @param isShared many callers use it, so that one of them who is told to wait makes all wait.
 */
export function openLocalState(server: string, folder: string, isShared: boolean, log: Log): State {
  const writer = createAuditWriter({
    stateFolder: folder,
    writer: server,
    report: (error) => log('error', 'cannot write the audit log', { error: String(error) }),
  });
  return {
    ledger: createFileLedgerStore(join(folder, 'ledger', server)),
    audit: writer,
    limiter: (_name, rate) => createLimiter(rate),
    pauses: isShared ? createPauses() : noPauses,
    publishStop: () => undefined,
    onStop: () => undefined,
    health: { waiting: () => writer.waiting, isUp: () => Promise.resolve(true) },
    close: () => {
      writer.close();
      return Promise.resolve();
    },
  };
}
