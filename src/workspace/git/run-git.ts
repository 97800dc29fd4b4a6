import { execFile } from 'node:child_process';
import { delimiter, isAbsolute, join } from 'node:path';
import { systemErrorCode, WorkspaceError } from '../errors.ts';

const maxOutput = 4 * 1024 * 1024;
const limitMs = 15_000;

/** A second line of defense: the repository is our own and has no other settings, see private-repository.ts. */
const settings = [
  'core.fsmonitor=false',
  'core.hooksPath=',
  'core.attributesFile=',
  'core.excludesFile=',
  'core.commitGraph=false',
  'core.multiPackIndex=false',
  'core.quotePath=false',
  'core.bigFileThreshold=8m',
  'safe.bareRepository=explicit',
  'protocol.allow=never',
  'submodule.recurse=false',
  'diff.submodule=short',
  'diff.renameLimit=400',
  'log.showSignature=false',
  'log.mailmap=false',
  'blame.ignoreRevsFile=',
  'mailmap.file=',
  'mailmap.blob=',
  'gc.auto=0',
  'maintenance.auto=false',
];
const guard = [
  '--no-pager',
  '--no-optional-locks',
  '--no-replace-objects',
  ...settings.flatMap((setting) => ['-c', setting]),
];

/**
 * Git's stdout for a repository that we wrote ourselves. `arguments_` must contain no unchecked model input before
 * `--`. Git's stderr is discarded, because it may quote files.
 * @throws WorkspaceError
 */
export function runGit(
  git: string,
  repository: string,
  arguments_: readonly string[],
  signal: AbortSignal,
): Promise<string> {
  const options = {
    // Our own nearly empty folder, because Windows looks for programs in the working folder first.
    cwd: repository,
    env: environment(repository),
    maxBuffer: maxOutput,
    timeout: limitMs,
    killSignal: 'SIGKILL' as const,
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

/** Built from scratch, because git reads more than a hundred variables. */
function environment(repository: string): Record<string, string> {
  const empty = join(repository, 'empty');
  const search = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => isAbsolute(folder));
  return {
    PATH: search.join(delimiter),
    ...(process.env['SYSTEMROOT'] !== undefined && { SYSTEMROOT: process.env['SYSTEMROOT'] }),
    HOME: repository,
    XDG_CONFIG_HOME: repository,
    GIT_DIR: repository,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_SYSTEM: empty,
    GIT_CONFIG_GLOBAL: empty,
    GIT_ATTR_NOSYSTEM: '1',
    GIT_ALLOW_PROTOCOL: 'none',
    GIT_PROTOCOL_FROM_USER: '0',
    GIT_NO_LAZY_FETCH: '1',
    GIT_NO_REPLACE_OBJECTS: '1',
    GIT_TERMINAL_PROMPT: '0',
    GIT_OPTIONAL_LOCKS: '0',
    // The limit for one object: a compressed bomb must not fill memory.
    GIT_ALLOC_LIMIT: '512m',
    LC_ALL: 'C',
  };
}

function explain(error: Error & { killed?: boolean | undefined }, stderr: string): WorkspaceError {
  const options = { cause: error };
  if (systemErrorCode(error) === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER')
    return new WorkspaceError(
      'too_large',
      'Git returned more than 4 MB.',
      'Ask for one file or fewer commits.',
      options,
    );
  if (error.killed === true) return new WorkspaceError('timeout', 'Git took longer than 15 s.', undefined, options);
  const known = messages.find(([pattern]) => pattern.test(stderr));
  const text = known?.[1] ?? 'Git could not read this repository.';
  // Without a cause, because its message contains git's stderr.
  return new WorkspaceError('upstream_error', text);
}

const messages: readonly (readonly [RegExp, string])[] = [
  [/ambiguous/u, 'More than one commit starts with these characters. Give more of the commit id.'],
  [/has only \d+ lines?/u, 'The file has fewer lines in the last commit.'],
  [/no such path/u, 'The last commit does not contain this file.'],
  [/unknown revision|Needed a single revision|bad revision|expected commit type/u, 'The commit does not exist.'],
  [/bad object|unable to read|missing|could not (?:read|parse)/iu, 'A repository object is missing or damaged.'],
];
