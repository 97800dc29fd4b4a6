import { ConfigurationTarget, workspace } from 'vscode';
import { settingsSchema, type SettingName, type Settings, type Variables } from '../../settings.ts';
import { readMcpPolicy, type McpPolicy } from '../surface/mcp-policy.ts';
import { proxyVariables } from '../proxy-settings.ts';

const section = 'switchboard';

export interface ReadSettings {
  readonly settings: Settings;
  /** One line for each invalid setting. Its default is used instead. */
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

/** Writes to the user settings, because a connection belongs to a user and never to a workspace. */
export async function writeSetting<Name extends SettingName>(name: Name, value: Settings[Name]): Promise<void> {
  await workspace.getConfiguration(section).update(name, value, ConfigurationTarget.Global);
}

/** VS Code's own proxy settings, as environment variables. */
export function readProxySettings(): Variables {
  const configuration = workspace.getConfiguration('http');
  return proxyVariables((name) => configuration.get(name));
}

/** What the organisation, or the user, lets MCP servers do in VS Code. We keep to it as well. */
export function mcpPolicy(): McpPolicy {
  const configuration = workspace.getConfiguration();
  return readMcpPolicy((name) => configuration.get(name));
}

export function onSettingsChanged(listener: () => void) {
  return workspace.onDidChangeConfiguration((event) => {
    if (
      event.affectsConfiguration(section) ||
      ['http', 'chat.mcp', 'telemetry'].some((name) => event.affectsConfiguration(name))
    )
      listener();
  });
}
