import { l10n, type QuickPick, type QuickPickItem, ThemeIcon, window } from 'vscode';
import type { HistoryEntry, HistoryStore } from '../../sessions/history/history-store.ts';
import type { Chat } from '../chat/chat.ts';
import { plural } from '../plural.ts';
import { lookOf } from './session-look.ts';

interface SessionItem extends QuickPickItem {
  readonly id?: string;
}

export interface SearchParts {
  readonly history: HistoryStore;
  readonly chat: Pick<Chat, 'activity'>;
  readonly report: (error: unknown) => void;
  readonly title?: string;
}

/** Items that a list can be read through. */
const maxItems = 200;
const pauseMs = 120;

/**
 * Asks which session to open: the newest first, then those that have all the words that are typed, with the place.
 * Sessions that have changed are read meanwhile, and the list follows.
 */
export function searchSessions({
  title = l10n.t('Search Sessions'),
  ...parts
}: SearchParts): Promise<string | undefined> {
  const pick = window.createQuickPick<SessionItem>();
  const end = new AbortController();
  pick.title = title;
  pick.placeholder = l10n.t('Words in prompts, answers, queries, results and names');
  pick.show();
  keepUp(pick, end.signal, parts);
  return new Promise((resolve) => {
    pick.onDidAccept(() => {
      const [chosen] = pick.activeItems;
      if (chosen?.id === undefined) return;
      resolve(chosen.id);
      pick.hide();
    });
    pick.onDidHide(() => {
      end.abort();
      resolve(undefined);
      pick.dispose();
    });
  });
}

/** Shows what fits what is typed, again when more has been read. */
function keepUp(pick: QuickPick<SessionItem>, end: AbortSignal, parts: Omit<SearchParts, 'title'>): void {
  const { history, report } = parts;
  let current = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const update = async (): Promise<void> => {
    current.abort();
    const mine = new AbortController();
    current = mine;
    const items = await find(pick.value, AbortSignal.any([mine.signal, end]), parts);
    if (!mine.signal.aborted && !end.aborted) pick.items = items;
  };
  const readAll = async (): Promise<void> => {
    pick.busy = true;
    await update();
    await history.read(await history.list(), end);
    await update();
    pick.busy = false;
  };
  pick.onDidChangeValue(() => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      void update().catch(report);
    }, pauseMs);
  });
  end.addEventListener('abort', () => clearTimeout(timer), { once: true });
  void readAll().catch(report);
}

async function find(
  query: string,
  signal: AbortSignal,
  { history, chat }: Pick<SearchParts, 'history' | 'chat'>,
): Promise<readonly SessionItem[]> {
  const activity = chat.activity();
  const itemOf = (entry: HistoryEntry, snippet?: string): SessionItem => {
    const look = lookOf(
      entry,
      activity.find(({ session }) => session === entry.id),
      new Date(),
    );
    return {
      id: entry.id,
      label: look.title,
      description: look.marks.join(' · '),
      iconPath: new ThemeIcon(look.icon),
      // It was found by the index. VS Code would look at the label only.
      alwaysShow: true,
      ...(snippet !== undefined && snippet !== look.title && { detail: snippet }),
    };
  };
  if (query.trim() === '') return (await history.list()).slice(0, maxItems).map((entry) => itemOf(entry));
  const hits = await history.search(query, signal);
  const items = hits.slice(0, maxItems).map(({ entry, snippet }) => itemOf(entry, snippet));
  const left = hits.length - items.length;
  const label = plural(
    left,
    '{0} more session. Type more words to find the right one.',
    '{0} more sessions. Type more words to find the right one.',
  );
  return left > 0 ? [...items, { label, alwaysShow: true }] : items;
}
