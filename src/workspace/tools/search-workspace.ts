import * as z from 'zod';
import { clip, defineWorkspaceTool, table } from '../define-tool.ts';
import { WorkspaceError } from '../errors.ts';
import { type FoundFile, listFiles, mostFiles, readText, splitLines, type Walk } from '../files.ts';
import { parseIgnoreRules } from '../ignore-rules.ts';
import type { Workspace } from '../workspace.ts';

const longestLine = 300;
const mostMilliseconds = 20_000;

/** Plain text, not a regular expression: a pattern from a model or a stranger could block the editor. */
export const searchWorkspace = defineWorkspaceTool({
  name: 'search_workspace',
  title: 'Search code',
  description:
    'Finds plain text (not a regular expression) in the files of the open workspace, or in their names. ' +
    'Skips files excluded by .gitignore or the settings.',
  input: z.strictObject({
    query: z.string().min(1).max(500).describe('Text to find, within one line.'),
    search_in: z.enum(['contents', 'file_names']).default('contents'),
    include: z.string().min(1).max(500).optional().describe('Only these files, as in .gitignore: "src/**/*.ts".'),
    case_sensitive: z.boolean().default(false),
    limit: z.int().min(1).max(500).default(50),
  }),
  run: async (input, workspace, signal) => {
    if (/[\n\r]/u.test(input.query)) throw new WorkspaceError('invalid_arguments', "'query' must be one line.");
    const search = { ...input, find: matcher(input.query, input.case_sensitive) };
    return input.search_in === 'file_names'
      ? searchNames(search, workspace, signal)
      : searchContents(search, workspace, signal);
  },
});

interface Search {
  readonly find: (text: string) => boolean;
  readonly include?: string | undefined;
  readonly limit: number;
}

async function searchContents(search: Search, workspace: Workspace, signal: AbortSignal) {
  const rows: (readonly [path: string, line: number, text: string])[] = [];
  const walk = startWalk();
  let searched = 0;
  let unread = 0;
  let stopped: string | undefined;
  for await (const file of wantedFiles(search, workspace, signal, walk)) {
    if (rows.length > search.limit) stopped = `more than ${search.limit} matches; narrow the query or use 'include'`;
    if (stopped !== undefined) break;
    const text = await textOrNothing(workspace, file, signal);
    searched += 1;
    if (text === undefined) unread += 1;
    else if (search.find(text)) {
      for (const [index, line] of splitLines(text).entries()) {
        if (search.find(line)) rows.push([file.label, index + 1, clip(line.trim(), longestLine)]);
        if (rows.length > search.limit) break;
      }
    }
  }
  stopped ??= outOfTime(walk);
  if (rows.length > search.limit) stopped ??= `more than ${search.limit} matches; narrow the query or use 'include'`;
  if (searched >= mostFiles) stopped ??= `only the first ${mostFiles} files were searched`;
  const shown = rows.slice(0, search.limit);
  const columns = [
    { name: 'path', type: 'text' },
    { name: 'line', type: 'integer' },
    { name: 'text', type: 'text' },
  ] as const;
  const summary = `${shown.length} matching lines in ${searched} files${unread > 0 ? ` (${unread} not text or too large)` : ''}`;
  return {
    text: [
      stopped === undefined ? summary : `${summary}; ${stopped}`,
      ...describeProblems(walk),
      ...shown.map(([path, line, text]) => `${path}:${line}: ${text}`),
    ].join('\n'),
    structured: { ...table(columns, shown, stopped !== undefined), files_searched: searched },
  };
}

async function searchNames(search: Search, workspace: Workspace, signal: AbortSignal) {
  const paths: string[] = [];
  const walk = startWalk();
  for await (const file of wantedFiles(search, workspace, signal, walk)) {
    if (search.find(file.label)) paths.push(file.label);
    if (paths.length > search.limit) break;
  }
  const shown = paths.slice(0, search.limit);
  const late = outOfTime(walk);
  const truncated = paths.length > shown.length || late !== undefined;
  return {
    text: [
      `${shown.length} files${paths.length > shown.length ? ', and more' : ''}${late === undefined ? '' : `; ${late}`}`,
      ...describeProblems(walk),
      ...shown,
    ].join('\n'),
    structured: table(
      [{ name: 'path', type: 'text' }],
      shown.map((path) => [path]),
      truncated,
    ),
  };
}

function startWalk(): Walk {
  return { deadline: performance.now() + mostMilliseconds, problems: [] };
}

function outOfTime(walk: Walk): string | undefined {
  return performance.now() > walk.deadline ? `stopped after ${mostMilliseconds / 1000} s` : undefined;
}

function describeProblems({ problems }: Walk): readonly string[] {
  return problems.length <= 3 ? problems : [...problems.slice(0, 3), `${problems.length - 3} more`];
}

async function* wantedFiles(
  search: Search,
  workspace: Workspace,
  signal: AbortSignal,
  walk: Walk,
): AsyncGenerator<FoundFile> {
  const wanted = search.include === undefined ? () => true : includes(search.include);
  for await (const file of listFiles(workspace, signal, walk)) if (wanted(file.label)) yield file;
}

/** As in .gitignore: a pattern that matches a folder covers everything in it. */
function includes(pattern: string): (path: string) => boolean {
  const rules = parseIgnoreRules([pattern]);
  return (path) => {
    const parts = path.split('/');
    const effort = { steps: 0 };
    return parts.some((_, index) => {
      const isFolder = index < parts.length - 1;
      return rules.verdict(parts.slice(0, index + 1).join('/'), isFolder, effort) === 'ignored';
    });
  };
}

function matcher(query: string, caseSensitive: boolean): (text: string) => boolean {
  if (caseSensitive) return (text) => text.includes(query);
  const lower = query.toLowerCase();
  return (text) => text.toLowerCase().includes(lower);
}

/** A file that is binary, too large or removed meanwhile must not end the search. */
async function textOrNothing(workspace: Workspace, file: FoundFile, signal: AbortSignal): Promise<string | undefined> {
  try {
    return await readText(workspace, file, signal);
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof WorkspaceError) return undefined;
    if (error instanceof Error && 'code' in error) return undefined;
    throw error;
  }
}
