import { type QuickPickItem, QuickPickItemKind, window, l10n } from 'vscode';
import { bindRunbook, type BoundRunbook, type Runbook } from '../../agent/runbook/runbook.ts';
import type { Settings } from '../../settings.ts';
import { readSettings, writeSetting } from '../engine/configuration.ts';
import { askInSteps } from '../connections/input-steps.ts';
import type { Library, LibraryEntry } from './runbook-library.ts';
import { term } from '../texts.ts';

type Values = Readonly<Record<string, string | number | boolean>>;

/** Parameters that name a destination. The user is asked once, and the answer is kept in the settings. */
const destinations = ['project', 'channel'];

/**
 * Binds the runbook's parameters from the settings and asks the user for the rest. A default destination is never used
 * without asking.
 */
export async function bindWithPerson(runbook: Runbook, given: Values = {}): Promise<BoundRunbook | undefined> {
  const { settings } = readSettings();
  const kept: Values = { ...settings['runbooks.parameters'][runbook.name], ...given };
  const asked = Object.entries(runbook.parameters).filter(
    ([name, { default: fallback }]) =>
      !Object.hasOwn(kept, name) && (fallback === undefined || destinations.includes(name)),
  );
  const answers = await askInSteps(
    runbook.title,
    asked.map(([name, definition]) => ({
      key: name,
      prompt: term(definition.description ?? name.replaceAll('_', ' ')),
      value: definition.default === undefined ? '' : String(definition.default),
      check: (text: string) => problemWith(runbook, { ...kept, [name]: text }, name),
    })),
  );
  if (answers === undefined) return undefined;
  const bound = bindRunbook(runbook, { ...kept, ...answers });
  if (bound.kind === 'invalid') throw new Error(`${runbook.title}: ${bound.problems.join(' ')}`);
  await keepDestinations(runbook, bound.bound.parameters, answers, settings);
  return bound.bound;
}

/** The problem with this parameter only, because others may not have been asked for yet. */
function problemWith(runbook: Runbook, values: Values, name: string): string | undefined {
  const bound = bindRunbook(runbook, values);
  return bound.kind === 'invalid' ? bound.problems.find((problem) => problem.includes(`'${name}'`)) : undefined;
}

async function keepDestinations(
  runbook: Runbook,
  values: Values,
  answers: Readonly<Record<string, string | undefined>>,
  settings: Settings,
): Promise<void> {
  const fresh = Object.entries(values).filter(([name]) => destinations.includes(name) && answers[name] !== undefined);
  if (fresh.length === 0) return;
  const all = settings['runbooks.parameters'];
  await writeSetting('runbooks.parameters', {
    ...all,
    [runbook.name]: { ...all[runbook.name], ...Object.fromEntries(fresh) },
  });
}

interface EntryItem extends QuickPickItem {
  readonly entry?: LibraryEntry;
}

export async function chooseRunbook(library: Library, title: string): Promise<LibraryEntry | undefined> {
  for (const problem of library.problems) void window.showWarningMessage(problem);
  const items = (origin: LibraryEntry['origin']): EntryItem[] =>
    library.entries
      .filter((entry) => entry.origin === origin)
      .map((entry) => ({
        entry,
        label: term(entry.runbook.title),
        description: entry.runbook.name,
        ...(entry.runbook.description !== undefined && { detail: term(entry.runbook.description) }),
      }));
  const separator = (label: string): EntryItem => ({ label, kind: QuickPickItemKind.Separator });
  const section = (label: string, origin: LibraryEntry['origin']): EntryItem[] => {
    const listed = items(origin);
    return listed.length > 0 ? [separator(label), ...listed] : [];
  };
  const choice = await window.showQuickPick(
    [
      ...section(l10n.t('Workspace'), 'workspace'),
      ...section(l10n.t('User'), 'user'),
      ...section(l10n.t('Built-in'), 'built-in'),
    ],
    { title, matchOnDescription: true, matchOnDetail: true },
  );
  return choice?.entry;
}
