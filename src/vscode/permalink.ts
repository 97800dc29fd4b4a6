import { runGit } from '../workspace/git.ts';

export interface CodePlace {
  readonly repository: string;
  readonly commit: string;
  readonly branch: string;
  /** Lines of the file differ from the commit. */
  readonly changed: boolean;
  /** To the lines at that commit, where the remote is a host whose links are known. */
  readonly permalink: string | undefined;
}

/** Where lines of a file are in version control. Undefined when they are in none. */
export async function findCodePlace(
  git: string,
  file: { readonly folder: string; readonly path: string; readonly startLine: number; readonly endLine: number },
  signal: AbortSignal,
): Promise<CodePlace | undefined> {
  const run = (...arguments_: string[]): Promise<string> =>
    runGit(git, file.folder, arguments_, signal).then((text) => text.trim());
  try {
    const [repository = '', commit = '', branch = ''] = (
      await run('rev-parse', '--show-toplevel', 'HEAD', '--abbrev-ref', 'HEAD')
    ).split('\n');
    const path = await run('ls-files', '--full-name', '--', file.path);
    if (path === '') return { repository, commit, branch, changed: true, permalink: undefined };
    const changed = (await run('status', '--porcelain', '--', file.path)) !== '';
    const remotes = await run('config', '--get-regexp', String.raw`^remote\..*\.url$`).catch(() => '');
    return { repository, commit, branch, changed, permalink: permalinkOf(remotes, commit, path, file) };
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof Error) return undefined; // no repository, no commit yet, or git refuses it
    throw error;
  }
}

/** @param remotes lines of `remote.<name>.url <url>`; origin is preferred. */
export function permalinkOf(
  remotes: string,
  commit: string,
  path: string,
  lines: { readonly startLine: number; readonly endLine: number },
): string | undefined {
  const list = remotes.split('\n').filter((line) => line !== '');
  const chosen = list.find((line) => line.startsWith('remote.origin.url ')) ?? list[0];
  const web = webAddress(chosen?.slice(chosen.indexOf(' ') + 1) ?? '');
  if (web === undefined) return undefined;
  const file = path.split('/').map(encodeURIComponent).join('/');
  const { startLine, endLine } = lines;
  const host = new URL(web).host;
  if (host.includes('bitbucket')) return `${web}/src/${commit}/${file}#lines-${startLine}:${endLine}`;
  const range =
    startLine === endLine ? `#L${startLine}` : `#L${startLine}-${host.includes('gitlab') ? '' : 'L'}${endLine}`;
  return `${web}/${host.includes('gitlab') ? '-/' : ''}blob/${commit}/${file}${range}`;
}

/** Of the repository's page. Credentials in the remote are dropped; a path on disk has no page. */
function webAddress(remote: string): string | undefined {
  const scp = /^(?:[\w.-]+@)?([\w.-]+):(?!\/\/)(.+)$/u.exec(remote);
  const text = scp === null ? remote : `ssh://${scp[1]}/${scp[2]}`;
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  if (!['https:', 'http:', 'ssh:', 'git:'].includes(url.protocol) || url.hostname === '') return undefined;
  const path = url.pathname.replace(/\.git\/?$/u, '').replace(/\/$/u, '');
  const port = url.protocol.startsWith('http') && url.port !== '' ? `:${url.port}` : '';
  return `${url.protocol === 'http:' ? 'http' : 'https'}://${url.hostname}${port}${path}`;
}
