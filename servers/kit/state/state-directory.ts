import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import type { Variables } from '../environment.ts';

/** Where persistent state is stored: SWITCHBOARD_STATE_DIR, or else the user's state folder. */
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
