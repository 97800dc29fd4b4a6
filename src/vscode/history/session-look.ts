import { l10n } from 'vscode';
import type { HistoryEntry } from '../../sessions/history/history-store.ts';
import type { WriteFact } from '../../sessions/history/session-facts.ts';
import type { Activity } from '../chat/chat.ts';
import { textLanguage } from '../plural.ts';
import { term } from '../texts.ts';

export interface SessionLook {
  readonly title: string;
  /** What it did and does, and when, apart from what the title says. */
  readonly marks: readonly string[];
  /** Name of a codicon. */
  readonly icon: string;
  /** Theme colour of the icon. */
  readonly color: string | undefined;
}

const ends = {
  inconclusive: { mark: l10n.t('no conclusion'), icon: 'question', color: undefined },
  cancelled: { mark: l10n.t('stopped'), icon: 'circle-slash', color: undefined },
  denied: { mark: l10n.t('denied'), icon: 'circle-slash', color: undefined },
  waiting: { mark: l10n.t('waiting for approval'), icon: 'bell', color: 'notificationsWarningIcon.foreground' },
  budget: { mark: l10n.t('limit reached'), icon: 'dashboard', color: 'problemsWarningIcon.foreground' },
  refused: { mark: l10n.t('refused'), icon: 'circle-slash', color: 'problemsWarningIcon.foreground' },
  failed: { mark: l10n.t('failed'), icon: 'error', color: 'problemsErrorIcon.foreground' },
} as const;

/** How a session looks in a list: its title by outcome, and marks that do not need a colour to be told apart. */
export function lookOf(entry: HistoryEntry, activity: Activity | undefined, now: Date): SessionLook {
  const { facts, pinned } = entry;
  const leading = facts === undefined ? undefined : leadingWrite(facts.writes);
  const { icon, color } = iconOf(entry, activity, leading);
  const kinds = new Set((facts?.writes ?? []).map(({ kind }) => kind));
  const isNamed = entry.name !== undefined;
  const marks = [
    activityMark(activity),
    pinned === true ? l10n.t('pinned') : undefined,
    // The title of a session without a name says what its leading write did.
    ...(['filed', 'posted', 'changed'] as const)
      .filter((kind) => kinds.has(kind) && (isNamed || kind !== leading?.kind))
      .map((kind) => kindWords[kind]),
    facts?.denied === true || facts?.end === 'denied' ? l10n.t('denied') : undefined,
    endMark(entry, activity),
    timeOf(entry.changed, now),
  ];
  return { title: titleOf(entry, activity, leading), marks: marks.filter((mark) => mark !== undefined), icon, color };
}

function titleOf(
  { name, facts, changed }: HistoryEntry,
  activity: Activity | undefined,
  leading: WriteFact | undefined,
) {
  if (name !== undefined) return name;
  const prompt = facts?.title || activity?.prompt || '';
  if (leading === undefined) {
    if (prompt === '') return l10n.t('Session of {0}', new Date(changed).toLocaleString(textLanguage()));
    return facts?.branched === true ? l10n.t('Branch of: {0}', prompt) : prompt;
  }
  const { kind, what, about } = leading;
  const same = (facts?.writes ?? []).filter((write) => write.kind === kind && write.what !== '');
  const all = [...new Set(same.map((write) => write.what))].join(', ');
  switch (kind) {
    case 'filed':
      return l10n.t('{0} filed: {1}', all || l10n.t('A ticket'), about);
    case 'posted':
      return l10n.t('Posted to {0}: {1}', what || 'Slack', about);
    case 'changed':
      return l10n.t('{0} changed: {1}', term(all), about);
  }
}

/** A ticket says most about a session. */
function leadingWrite(writes: readonly WriteFact[]): WriteFact | undefined {
  for (const kind of ['filed', 'posted', 'changed'] as const) {
    const write = writes.find((each) => each.kind === kind);
    if (write !== undefined) return write;
  }
  return undefined;
}

export const kindWords = { filed: l10n.t('filed'), posted: l10n.t('posted'), changed: l10n.t('changed') } as const;

const icons = { filed: 'issues', posted: 'megaphone', changed: 'edit' } as const;

function iconOf({ facts, isCurrent }: HistoryEntry, activity: Activity | undefined, leading: WriteFact | undefined) {
  if (activity?.state === 'waiting') return { icon: 'bell-dot', color: 'notificationsWarningIcon.foreground' };
  if (activity?.state === 'running') return { icon: 'loading~spin', color: undefined };
  if (activity?.state === 'ended') return { icon: 'circle-filled', color: 'notificationsInfoIcon.foreground' };
  if (leading !== undefined) return { icon: icons[leading.kind], color: undefined };
  if (facts?.denied === true) return { icon: 'circle-slash', color: undefined };
  if (facts?.end !== undefined && facts.end !== 'completed') return ends[facts.end];
  if (facts !== undefined && isCurrent && facts.end === undefined && !facts.branched)
    return { icon: 'circle-outline', color: undefined };
  return { icon: facts?.branched === true ? 'git-branch' : 'comment-discussion', color: undefined };
}

function activityMark(activity: Activity | undefined): string | undefined {
  switch (activity?.state) {
    case 'waiting':
      return l10n.t('waiting for you');
    case 'running':
      return l10n.t('running');
    case 'ended':
      return l10n.t('ended, not seen');
    case undefined:
      return undefined;
  }
}

function endMark({ facts, isCurrent }: HistoryEntry, activity: Activity | undefined): string | undefined {
  const isRunning = activity?.state === 'running' || activity?.state === 'waiting';
  if (facts === undefined || isRunning) return undefined;
  if (facts.end === undefined) return isCurrent && !facts.branched ? l10n.t('not finished') : undefined;
  return facts.end === 'completed' || facts.end === 'denied' ? undefined : ends[facts.end].mark;
}

/** The time for today, else the day. */
function timeOf(changed: number, now: Date): string {
  const date = new Date(changed);
  if (date.toDateString() === now.toDateString())
    return date.toLocaleTimeString(textLanguage(), { hour: '2-digit', minute: '2-digit' });
  const isThisYear = date.getFullYear() === now.getFullYear();
  return date.toLocaleDateString(textLanguage(), {
    day: 'numeric',
    month: 'short',
    ...(!isThisYear && { year: 'numeric' }),
  });
}
