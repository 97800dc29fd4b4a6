import { realpath } from 'node:fs/promises';
import { relative, sep } from 'node:path';
import * as z from 'zod';
import { confine, type ConfinedPath } from '../confine.ts';
import { isCredentialFile } from '../credential-files.ts';
import { clip, defineWorkspaceTool, table, type WorkspaceResult } from '../define-tool.ts';
import { WorkspaceError } from '../errors.ts';
import { blameLines } from '../git/blame.ts';
import { type PrivateRepository, usePrivateRepository } from '../git/private-repository.ts';
import type { Workspace } from '../workspace.ts';

const mostBlamedLines = 200;
const longestDiff = 24_000;
const field = '\u001F';

export const getGitHistory = defineWorkspaceTool({
  name: 'get_git_history',
  title: 'Look at git history',
  description:
    'Shows the history of the open code. Without lines: the latest commits, of one file or folder if a path is given. ' +
    'With start_line: who changed those lines last (blame, line numbers as in the last commit). With commit: its message and changes.',
  input: z.strictObject({
    path: z.string().min(1).max(1000).optional().describe('File or folder in the workspace.'),
    start_line: z.int().min(1).optional().describe('First line to blame.'),
    end_line: z.int().min(1).optional(),
    commit: z
      .string()
      .regex(/^[0-9a-fA-F]{4,64}$/u, 'must be a commit id (hexadecimal)')
      .optional()
      .describe('Show this commit.'),
    limit: z.int().min(1).max(200).default(20).describe('Maximum number of commits.'),
  }),
  run: async (input, workspace, signal) => {
    const git = await workspace.git();
    if (git === undefined) throw new WorkspaceError('not_configured', 'Git is not installed here.');
    const file = await confine(workspace, input.path ?? firstFolder(workspace));
    return usePrivateRepository(git, file.folder.path, signal, async (repository) => {
      const call = {
        repository,
        path: pathInRepository(repository, file, await realpath(file.folder.path)),
        label: file.label,
      };
      if (input.commit !== undefined) return showCommit(call, input.commit);
      if (input.start_line === undefined) return listCommits(call, input.limit);
      if (input.path === undefined) throw new WorkspaceError('invalid_arguments', "'start_line' needs a 'path'.");
      return blame(call, input.start_line, input.end_line ?? input.start_line);
    });
  },
});

interface GitCall {
  readonly repository: PrivateRepository;
  /** The path from the top of the repository; empty for the whole repository. */
  readonly path: string;
  readonly label: string;
}

export function pathInRepository({ found }: PrivateRepository, file: ConfinedPath, root: string): string {
  const inside = relative(root, file.absolute).split(sep).join('/');
  return [found.prefix, inside].filter((part) => part !== '').join('/');
}

function firstFolder(workspace: Workspace): string {
  const [folder] = workspace.folders();
  if (folder === undefined) throw new WorkspaceError('not_found', 'No folder is open.');
  return folder.path;
}

function pathspec(call: GitCall): string[] {
  return ['--', ...(call.path === '' ? [] : [`:(top,literal)${call.path}`])];
}

async function listCommits(call: GitCall, limit: number): Promise<WorkspaceResult> {
  const format = `--format=%h${field}%aI${field}%an${field}%D${field}%s`;
  const output = await call.repository.git(
    'log',
    `--max-count=${limit + 1}`,
    '--no-show-signature',
    format,
    ...pathspec(call),
  );
  const rows = output
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split(field).map((cell) => clip(cell, 300)));
  const shown = rows.slice(0, limit);
  const truncated = rows.length > limit;
  const columns = ['commit', 'date', 'author', 'refs', 'subject'].map((name) => ({ name, type: 'text' as const }));
  const lines = shown.map(([commit, date, author, refs, subject]) => {
    return `${commit} ${date} ${author}${refs === '' ? '' : ` (${refs})`}: ${subject}`;
  });
  return {
    text: [`${shown.length} commits of ${call.label}${truncated ? ', and more' : ''}`, ...lines].join('\n'),
    structured: table(columns, shown, truncated),
  };
}

async function showCommit(call: GitCall, commit: string): Promise<WorkspaceResult> {
  const flags = ['--no-ext-diff', '--no-textconv', '--no-show-signature', '--submodule=short', '--stat', '--patch'];
  const output = await call.repository.git(
    'show',
    ...flags,
    '--format=fuller',
    '--end-of-options',
    `${commit}^{commit}`,
    ...pathspec(call),
    ...(await credentialsIn(call, commit)).map((path) => `:(exclude,top,literal)${path}`),
  );
  const truncated = output.length > longestDiff;
  const text = truncated ? `${output.slice(0, longestDiff)}\n(${output.length - longestDiff} more characters)` : output;
  return { text, structured: { commit, changes: output.slice(0, longestDiff), truncated } };
}

const maxLeftOut = 2000;

/** Paths in the commit that usually contain credentials. History may contain files that the work tree no longer has. */
async function credentialsIn(call: GitCall, commit: string): Promise<readonly string[]> {
  const flags = ['--no-commit-id', '-r', '-m', '--root', '-z', '--name-only', '--no-renames'];
  const listing = await call.repository.git(
    'diff-tree',
    ...flags,
    '--end-of-options',
    `${commit}^{commit}`,
    ...pathspec(call),
  );
  const paths = [...new Set(listing.split('\0'))].filter((path) => path !== '' && isCredentialFile(path));
  if (paths.length > maxLeftOut)
    throw new WorkspaceError(
      'too_large',
      `The commit changes more than ${maxLeftOut} files that usually contain credentials.`,
    );
  return paths;
}

async function blame(call: GitCall, startLine: number, endLine: number): Promise<WorkspaceResult> {
  if (endLine < startLine) throw new WorkspaceError('invalid_arguments', "'end_line' must not be before 'start_line'.");
  const last = Math.min(endLine, startLine + mostBlamedLines - 1);
  const blamed = await blameLines(call.repository, call.path, startLine, last);
  const rows = blamed.map(({ line, commit, date, author, subject, text }) => [
    line,
    commit,
    date,
    author,
    subject,
    text,
  ]);
  const names = ['line', 'commit', 'date', 'author', 'subject', 'text'];
  const columns = names.map((name) => ({ name, type: name === 'line' ? ('integer' as const) : ('text' as const) }));
  const lines = rows.map(
    ([line, commit, date, author, subject, text]) => `${line} ${commit} ${date} ${author} (${subject}): ${text}`,
  );
  return {
    text: [`${call.label}, lines ${startLine} to ${last}`, ...lines].join('\n'),
    structured: table(columns, rows, last < endLine),
  };
}
