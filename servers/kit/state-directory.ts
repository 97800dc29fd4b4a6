import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import type { Variables } from './environment.ts';

/** Where everything that outlives a process is kept: SWITCHBOARD_STATE_DIR, else the user's own state folder. */
export function stateDirectory(variables: Variables): string {
  const named = variables['SWITCHBOARD_STATE_DIR'];
  if (named !== undefined && named !== '') return named;
  if (process.platform === 'win32')
    return join(variables['LOCALAPPDATA'] ?? join(homedir(), 'AppData', 'Local'), 'switchboard');
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Application Support', 'switchboard');
  const state = variables['XDG_STATE_HOME'];
  // https://specifications.freedesktop.org/basedir-spec/latest/: empty counts as unset, a relative path is to be ignored.
  const isNamed = state !== undefined && isAbsolute(state);
  return join(isNamed ? state : join(homedir(), '.local', 'state'), 'switchboard');
}
