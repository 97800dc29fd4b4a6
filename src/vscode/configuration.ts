import { ConfigurationTarget, workspace } from 'vscode';
import { settingsSchema, type SettingName, type Settings } from '../settings.ts';

const section = 'switchboard';

export interface ReadSettings {
  readonly settings: Settings;
  /** One line for each setting that is wrong; its default is used instead. */
  readonly problems: readonly string[];
}

export function readSettings(): ReadSettings {
  const configuration = workspace.getConfiguration(section);
  const given: Record<string, unknown> = {};
  for (const name of Object.keys(settingsSchema.shape)) given[name] = configuration.get(name);
  const problems: string[] = [];
  for (;;) {
    const parsed = settingsSchema.safeParse(given);
    if (parsed.success) return { settings: parsed.data, problems };
    for (const issue of parsed.error.issues) {
      const [name = ''] = issue.path;
      problems.push(`${section}.${issue.path.join('.')}: ${issue.message}`);
      given[String(name)] = undefined;
    }
  }
}

/** In the user's settings: a connection belongs to a person, never to a workspace. */
export async function writeSetting<Name extends SettingName>(name: Name, value: Settings[Name]): Promise<void> {
  await workspace.getConfiguration(section).update(name, value, ConfigurationTarget.Global);
}

export function onSettingsChanged(listener: () => void) {
  return workspace.onDidChangeConfiguration((event) => {
    if (event.affectsConfiguration(section)) listener();
  });
}
