import type { Log } from '../../../servers/kit/log.ts';
import type { StateDatabase } from '../../../servers/kit/state/database.ts';
import { createNotices } from '../../../servers/kit/state/notices.ts';

/** News of approvals in all processes that share the state database. */
export interface Watch {
  /** `added`, or the id of what was answered. */
  readonly tell: (news: string) => void;
  /**
   * Resolves with true at the next news, or with false after `ms` or when the signal aborts. News can be lost when a
   * connection breaks, so nobody waits for them alone.
   */
  readonly next: (ms: number, signal?: AbortSignal) => Promise<boolean>;
  readonly close: () => Promise<void>;
}

export function createWatch(database: StateDatabase, log: Log): Watch {
  const notices = createNotices(database, 'approvals', log);
  const waiting = new Set<() => void>();
  const wake = (): void => {
    for (const each of waiting) each();
  };
  notices.on('approvals', wake);
  let isListening = false;
  return {
    tell: (news) => {
      notices.publish('approvals', news);
      wake();
    },
    next: (ms, signal) => {
      if (!isListening) notices.listen(wake);
      isListening = true;
      return new Promise((resolve) => {
        const end = (isNews: boolean): void => {
          clearTimeout(timer);
          waiting.delete(onNews);
          signal?.removeEventListener('abort', onAbort);
          resolve(isNews);
        };
        const onNews = (): void => end(true);
        const onAbort = (): void => end(false);
        const timer = setTimeout(onAbort, ms);
        waiting.add(onNews);
        signal?.addEventListener('abort', onAbort, { once: true });
        if (signal?.aborted === true) end(false);
      });
    },
    close: async () => {
      wake();
      await notices.close();
    },
  };
}
