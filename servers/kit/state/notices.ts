import type { Client } from 'pg';
import type { Log } from '../log.ts';
import type { StateDatabase } from './database.ts';

const listenAgainMs = 1_000;

/** Messages between the replicas of a server, over one connection to the state database. */
export interface Notices {
  readonly publish: (kind: string, text: string) => void;
  readonly on: (kind: string, receive: (text: string) => void) => void;
  /** @param connected runs whenever messages may have been missed: at the start, and after the connection broke. */
  readonly listen: (connected: () => void) => void;
  readonly close: () => Promise<void>;
}

const channelOf = (kind: string): string => `switchboard_${kind}`;

export function createNotices(database: StateDatabase, server: string, log: Log): Notices {
  const receivers = new Map<string, (text: string) => void>();
  let client: Client | undefined;
  let isClosed = false;
  let onConnected: () => void = () => undefined;
  const connect = async (): Promise<void> => {
    if (isClosed) return;
    try {
      const opened = await database.connect();
      client = opened;
      opened.on('notification', ({ channel, payload = '' }) => {
        const [to, ...text] = payload.split('\n');
        if (to === server) receivers.get(channel)?.(text.join('\n'));
      });
      opened.on('end', again);
      for (const channel of receivers.keys()) await opened.query(`listen ${channel}`);
      onConnected();
    } catch (error) {
      log('warn', 'cannot listen for messages of other replicas', { error: String(error) });
      if (client === undefined) again();
      else await client.end().catch(() => undefined);
    }
  };
  const again = (): void => {
    client = undefined;
    if (!isClosed) setTimeout(() => void connect(), listenAgainMs).unref();
  };
  return {
    publish: (kind, text) => {
      database
        .query('select pg_notify($1, $2)', [channelOf(kind), `${server}\n${text}`])
        .catch((error: unknown) => log('warn', 'cannot pass on a message', { kind, error: String(error) }));
    },
    on: (kind, receive) => void receivers.set(channelOf(kind), receive),
    listen: (connected) => {
      onConnected = connected;
      void connect();
    },
    close: async () => {
      isClosed = true;
      await client?.end().catch(() => undefined);
    },
  };
}
