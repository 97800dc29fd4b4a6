import { execFile } from 'node:child_process';
import { systemErrorCode, WorkspaceError } from './errors.ts';

const largestOutput = 4 * 1024 * 1024;
const limitMs = 15_000;

/**
 * A repository is a stranger's: its configuration may name programs to run. These settings and flags keep git from
 * running any of them, from writing, and from the network.
 */
const settings = ['core.fsmonitor=false', 'core.hooksPath=/dev/null', 'protocol.allow=never', 'core.quotePath=false'];
const guard = ['--no-pager', '--no-optional-locks', ...settings.flatMap((setting) => ['-c', setting])];

/** Git's answer on stdout. `arguments_` must hold nothing of the model's before `--` that was not checked. */
export function runGit(
  git: string,
  folder: string,
  arguments_: readonly string[],
  signal: AbortSignal,
): Promise<string> {
  const options = {
    cwd: folder,
    env: {
      ...keep('PATH', 'HOME', 'SYSTEMROOT', 'USERPROFILE'),
      GIT_TERMINAL_PROMPT: '0',
      GIT_NO_LAZY_FETCH: '1',
      GIT_CONFIG_NOSYSTEM: '1',
      LC_ALL: 'C',
    },
    maxBuffer: largestOutput,
    timeout: limitMs,
    signal,
    windowsHide: true,
  };
  return new Promise((resolve, reject) => {
    const child = execFile(git, [...guard, ...arguments_], options, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(signal.aborted ? error : explain(error, stderr));
    });
    child.stdin?.end();
  });
}

function explain(error: Error & { killed?: boolean | undefined }, stderr: string): WorkspaceError {
  const options = { cause: error };
  if (systemErrorCode(error) === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER')
    return new WorkspaceError(
      'too_large',
      'Git answered more than 4 MB.',
      'Ask for one file or fewer commits.',
      options,
    );
  if (error.killed === true) return new WorkspaceError('timeout', 'Git took longer than 15 s.', undefined, options);
  if (stderr.includes('not a git repository'))
    return new WorkspaceError('not_found', 'The folder is not in a git repository.', undefined, options);
  if (stderr.includes('dubious ownership'))
    return new WorkspaceError(
      'forbidden',
      "Git refuses the repository because another user owns it ('safe.directory').",
    );
  const [line = ''] = stderr.split('\n').filter((text) => text !== '');
  return new WorkspaceError('upstream_error', `Git failed: ${line.slice(0, 300)}`, undefined, options);
}

function keep(...names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])));
}
