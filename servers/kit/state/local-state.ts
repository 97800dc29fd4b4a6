import { join } from 'node:path';
import { createAuditWriter } from '../../contract/audit/writer.ts';
import type { Log } from '../log.ts';
import { createLimiter } from '../rate-limit.ts';
import { createFileLedgerStore } from './ledger-store.ts';
import type { State } from './state.ts';

/** State in a folder, for the processes of one machine. */
export function openLocalState(server: string, folder: string, log: Log): State {
  const writer = createAuditWriter({
    stateFolder: folder,
    writer: server,
    report: (error) => log('error', 'cannot write the audit log', { error: String(error) }),
  });
  return {
    ledger: createFileLedgerStore(join(folder, 'ledger', server)),
    audit: writer,
    limiter: (_name, rate) => createLimiter(rate),
    publishStop: () => undefined,
    onStop: () => undefined,
    close: () => {
      writer.close();
      return Promise.resolve();
    },
  };
}
