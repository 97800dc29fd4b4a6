/** Keeps a key in the state `sending` until it is killed. */
import * as z from 'zod';
import { createFileLedgerStore } from '../../../servers/kit/state/ledger-store.ts';
import { createLedger } from '../../../servers/kit/ledger.ts';

const ledger = createLedger(createFileLedgerStore(process.argv[2] ?? ''), () => undefined);
setInterval(() => undefined, 1000);
void ledger.once(
  {
    key: 'victim',
    tool: 'post',
    arguments: { text: 'hello' },
    signal: new AbortController().signal,
    progress: () => undefined,
  },
  async (perform) => {
    await perform({
      name: 'create',
      result: z.object({ id: z.string() }),
      send: () => {
        process.send?.('sending');
        return new Promise(() => undefined);
      },
      find: () => Promise.resolve(undefined),
      whereToLook: '',
    });
    return { structured: {}, text: '' };
  },
);
