import { commands, ProgressLocation, type QuickPickItem, QuickPickItemKind, ThemeIcon, window, l10n } from 'vscode';
import { settingsSchema, secretNames, type SecretName, type SettingName, type Settings } from '../../settings.ts';
import { writeSetting } from '../engine/configuration.ts';
import type { EngineHolder, LiveEngine } from '../engine/engine.ts';
import { askInSteps, type Answers } from './input-steps.ts';
import type { Probes } from './probes.ts';
import { sentence, type ProbeResult } from './test-connection.ts';
import type { SecretBox } from '../engine/secrets.ts';
import { systems, type System } from './connection-definitions.ts';
import { known } from '../texts.ts';

export interface Connector {
  /** Asks for a system, asks its questions and tests it, until the user is done. */
  readonly setUp: (only?: string) => Promise<void>;
  readonly testAll: () => Promise<void>;
}

export function createConnector(
  holder: EngineHolder,
  secrets: SecretBox,
  probes: Probes,
  showLog: (system: string) => void,
): Connector {
  const testOne = (system: System): Promise<ProbeResult> =>
    withProgress(l10n.t('Testing {0}…', system.title), (signal) =>
      holder.use((live) => probes.test(live, system, signal)),
    );

  const connect = async (system: System): Promise<void> => {
    for (;;) {
      const { settings, secrets: stored } = await holder.get();
      const title = l10n.t('Connect {0}', system.title);
      const answers = await askInSteps(title, system.questions(settings, stored));
      if (answers === undefined) return;
      await holder.use(() => save(system.normalise?.(answers) ?? answers, settings, secrets));
      const result = await testOne(system);
      if (result.kind === 'connected') {
        void window.showInformationMessage(l10n.t('{0} is connected: {1}.', system.title, result.message));
        return;
      }
      const said = result.kind === 'failed' ? known(sentence(result)) : l10n.t('A required value is missing.');
      const needsSignIn = result.kind === 'failed' && result.needsSignIn === true;
      const ways = needsSignIn ? [signIn, change] : waysOn(system);
      const message = l10n.t('{0} is not connected. {1}', system.title, said);
      const choice = await window.showErrorMessage(message, ...ways);
      if (choice === showLogButton) showLog(system.id);
      if (choice === signIn) await commands.executeCommand('switchboard.signInToServer', system.id);
      if (choice !== change) return;
    }
  };

  return {
    setUp: async (only) => {
      const chosen = systems.find(({ id }) => id === only);
      if (chosen !== undefined) return connect(chosen);
      for (;;) {
        const system = await chooseSystem(await holder.get(), probes);
        if (system === undefined) return;
        await connect(system);
      }
    },
    testAll: async () => {
      const tested = await withProgress(l10n.t('Testing connections…'), (signal) =>
        holder.use((live) => probes.testAll(live, signal)),
      );
      await report(tested, connect, showLog);
    },
  };
}

const change = l10n.t('Change');
const signIn = l10n.t('Sign In');
const showLogButton = l10n.t('Show Log');

/** Only servers have a log. The model has none. */
function waysOn({ id }: System): string[] {
  return id === 'claude' ? [change] : [change, showLogButton];
}

interface SystemItem extends QuickPickItem {
  readonly system?: System;
}

async function chooseSystem(live: LiveEngine, probes: Probes): Promise<System | undefined> {
  const items: SystemItem[] = systems.map((system) => {
    const connected = system.isConnected(live.settings, live.secrets);
    const result = probes.resultOf(live, system.id);
    const failed = connected && result?.kind === 'failed';
    return {
      system,
      label: system.title,
      iconPath: new ThemeIcon(failed ? 'error' : result?.kind === 'connected' ? 'pass' : 'circle-large-outline'),
      description: connected ? system.describe(live.settings) : l10n.t('not connected'),
      ...(failed && { detail: known(sentence(result)) }),
    };
  });
  items.push(
    { label: '', kind: QuickPickItemKind.Separator },
    { label: l10n.t('Done'), iconPath: new ThemeIcon('check') },
  );
  const choice = await window.showQuickPick(items, {
    title: l10n.t('Set Up Connections'),
    placeHolder: l10n.t('Choose a system to connect. Secrets are kept in VS Code secret storage.'),
    ignoreFocusOut: true,
  });
  return choice?.system;
}

type Key = SettingName | SecretName;

async function save(answers: Answers<Key>, before: Settings, secrets: SecretBox): Promise<void> {
  for (const [key, answer] of Object.entries(answers)) {
    // An empty answer keeps the stored secret.
    if (isSecret(key)) await (answer === '' ? undefined : secrets.store(key, answer));
    else if (isSetting(key)) await saveSetting(key, answer, before);
  }
}

async function saveSetting(name: SettingName, answer: string, before: Settings): Promise<void> {
  const value = Array.isArray(before[name])
    ? answer
        .split(',')
        .map((part) => part.trim())
        .filter((part) => part !== '')
    : answer;
  const parsed = settingsSchema.partial().parse({ [name]: typeof before[name] === 'number' ? Number(answer) : value });
  const next = parsed[name];
  if (next !== undefined && JSON.stringify(next) !== JSON.stringify(before[name])) await writeSetting(name, next);
}

function isSecret(key: string): key is SecretName {
  return Object.hasOwn(secretNames, key);
}

function isSetting(key: string): key is SettingName {
  return Object.hasOwn(settingsSchema.shape, key);
}

async function report(
  tested: readonly (readonly [System, ProbeResult])[],
  connect: (system: System) => Promise<void>,
  showLog: (system: string) => void,
): Promise<void> {
  const titles = (kind: ProbeResult['kind']): string =>
    tested.flatMap(([{ title }, result]) => (result.kind === kind ? [title] : [])).join(', ');
  const failed = tested.flatMap(([system, result]) => (result.kind === 'failed' ? [{ system, result }] : []));
  for (const { system, result } of failed) {
    void window
      .showErrorMessage(`${system.title}: ${known(sentence(result))}`, ...waysOn(system))
      .then((choice) =>
        choice === change ? connect(system) : choice === showLogButton ? showLog(system.id) : undefined,
      );
  }
  const parts = [
    ...(titles('connected') === '' ? [] : [l10n.t('Connected: {0}.', titles('connected'))]),
    ...(titles('not-connected') === '' ? [] : [l10n.t('Not set up: {0}.', titles('not-connected'))]),
  ];
  if (parts.length > 0) void window.showInformationMessage(parts.join(' '));
}

const longEnoughToShowMs = 500;

/**
 * Shows progress only if the work takes a while. A short notification would flicker, and it would count towards VS
 * Code's limit of three a second, which hides the later ones that report the result.
 */
async function withProgress<Result>(title: string, work: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
  const cancelled = new AbortController();
  const result = work(cancelled.signal);
  const shown = setTimeout(() => {
    const options = { location: ProgressLocation.Notification, title, cancellable: true };
    void window.withProgress(options, async (_progress, token) => {
      token.onCancellationRequested(() => cancelled.abort());
      await Promise.allSettled([result]);
    });
  }, longEnoughToShowMs);
  try {
    return await result;
  } finally {
    clearTimeout(shown);
  }
}
