import { join } from 'node:path';
import type { Evidence } from '../agent/evidence/types.ts';
import { createHistoryStore, type HistoryStore } from './history/history-store.ts';
import { goOnWith, type LiveSession } from './live-session.ts';
import { createSessionStore, SessionError, type SessionStore } from './session-store.ts';

/** The sessions of a state folder, and those that this process itself has open for writing. */
export interface OpenSessions {
  /** Copies and deletes those that are open here too, except while a run is in progress. */
  readonly sessions: SessionStore;
  readonly history: HistoryStore;
  /** A result with all its rows, even of a run in progress. @throws SessionError when the session does not exist. */
  readonly evidence: (session: string, id: string) => Promise<Evidence | undefined>;
  /** Streams work in a session, which stays open. Without an id, in a new one. */
  readonly use: <Event>(
    id: string | undefined,
    work: (session: LiveSession) => AsyncGenerator<Event>,
  ) => AsyncGenerator<Event>;
  /** Writes what is pending of a session and forgets it, so that another process may continue it. */
  readonly release: (id: string) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** @param elsewhere where sessions are kept, if not in the state folder. */
export function openSessions(stateFolder: string, elsewhere?: SessionStore): OpenSessions {
  const sessionsFolder = join(stateFolder, 'sessions');
  const store = elsewhere ?? createSessionStore(sessionsFolder);
  const live = new Map<string, LiveSession>();
  const running = new Set<string>();
  const open = async (id: string | undefined): Promise<LiveSession> => {
    const opened = id === undefined ? undefined : live.get(id);
    if (opened !== undefined) return opened;
    const session = goOnWith(id === undefined ? await store.create() : await store.open(id));
    live.set(session.file.id, session);
    return session;
  };
  const sessions: SessionStore = {
    ...store,
    branch: async (id, at) => {
      await live.get(id)?.file.flush();
      return store.branch(id, at);
    },
    remove: async (id) => {
      if (running.has(id)) throw new SessionError('A run is in progress in this session. Stop it first.');
      const opened = live.get(id);
      live.delete(id);
      await opened?.file.close();
      await store.remove(id);
    },
  };
  return {
    sessions,
    history: createHistoryStore({ sessions, sessionsFolder, folder: join(stateFolder, 'history') }),
    evidence: async (session, id) => (live.get(session)?.evidence ?? (await store.evidence(session))).get(id),
    async *use(id, work) {
      const session = await open(id);
      running.add(session.file.id);
      try {
        yield* work(session);
      } finally {
        running.delete(session.file.id);
      }
    },
    release: async (id) => {
      const opened = live.get(id);
      live.delete(id);
      await opened?.file.close();
    },
    close: async () => {
      await Promise.all([...live.values()].map(({ file }) => file.close()));
    },
  };
}
