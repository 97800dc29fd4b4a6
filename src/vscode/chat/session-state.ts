import type { Memento } from 'vscode';

const key = 'session';

/** The session that this window shows. It survives a reload. */
export interface ShownSession {
  readonly get: () => string | undefined;
  readonly set: (session: string | undefined) => Promise<void>;
}

export function createShownSession(state: Memento): ShownSession {
  return {
    get: () => {
      const value: unknown = state.get(key);
      return typeof value === 'string' ? value : undefined;
    },
    set: async (session) => {
      await state.update(key, session);
    },
  };
}
