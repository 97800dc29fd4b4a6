import { distFolder } from '../stack/command-line.ts';
import type { Stack } from '../stack/stack.ts';
import type { ServerCommand } from './raw-client.ts';

export type ServerName = 'postgres' | 'jira' | 'slack';
export const serverNames: readonly ServerName[] = ['postgres', 'jira', 'slack'];

const prefixes: Record<ServerName, string> = { postgres: 'DB_', jira: 'JIRA_', slack: 'SLACK_' };

/** A server's bundle with its own variables and no others, as the host starts it. */
export function serverCommand(name: ServerName, stack: Stack): ServerCommand {
  const own = Object.entries(stack.environment).filter(([variable]) => variable.startsWith(prefixes[name]));
  return {
    command: process.execPath,
    args: [`${distFolder}servers/${name}.cjs`],
    env: {
      PATH: process.env['PATH'] ?? '',
      ...Object.fromEntries(own),
      SWITCHBOARD_STATE_DIR: stack.stateFolder,
      SWITCHBOARD_RATE_LIMITS: 'off',
    },
  };
}
