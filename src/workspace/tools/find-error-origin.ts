import { realpath } from 'node:fs/promises';
import * as z from 'zod';
import { confine } from '../confine.ts';
import { clip, defineWorkspaceTool, table } from '../define-tool.ts';
import { commonEnd, framesIn, namesIn, weightOfLine, type Frame } from '../error-names.ts';
import { WorkspaceError } from '../errors.ts';
import { listFiles, readText, splitLines, type FoundFile } from '../files.ts';
import { blameLines } from '../git/blame.ts';
import { findCodePlace } from '../git/permalink.ts';
import { usePrivateRepository } from '../git/private-repository.ts';
import type { Workspace } from '../workspace.ts';
import { pathInRepository } from './get-git-history.ts';

const maxMilliseconds = 20_000;
const maxPlaces = 5;
/** Places of which git is asked. */
const maxTraced = 3;

/** From an error in a row to the code: needs no model, so that the host can do it by itself. */
export const findErrorOrigin = defineWorkspaceTool({
  name: 'find_error_origin',
  title: 'Find the line that raises an error',
  description:
    'For an error code, error message, symbol or stack trace (from a row, a ticket, a log): the lines of the open code that raise it, ' +
    'most likely first, each with the commit that changed it last, how long that was before the first failure, and a permalink.',
  input: z.strictObject({
    error: z.string().trim().min(3).max(20_000).describe('As it is in the row.'),
    first_seen: z.iso.datetime({ offset: true }).optional().describe('Time of the first failure, ISO 8601.'),
  }),
  run: async ({ error, first_seen: firstSeen }, workspace, signal) => {
    const places = await placesOf(error, workspace, signal);
    const traced = await Promise.all(
      places.map((place, index) => (index < maxTraced ? trace(place, workspace, signal) : Promise.resolve(place))),
    );
    const rows = traced.map((place) => rowOf(place, firstSeen));
    const columns = names.map((name) => ({ name, type: name === 'line' ? ('integer' as const) : ('text' as const) }));
    return { text: describe(rows), structured: table(columns, rows, false) };
  },
});

const names = ['path', 'line', 'text', 'commit', 'committed', 'author', 'subject', 'before_first_failure', 'permalink'];

interface Place {
  readonly file: FoundFile;
  readonly line: number;
  readonly text: string;
  readonly weight: number;
}

interface Traced extends Place {
  readonly commit?: string;
  readonly date?: string;
  readonly author?: string;
  readonly subject?: string;
  readonly permalink?: string | undefined;
}

async function placesOf(error: string, workspace: Workspace, signal: AbortSignal): Promise<readonly Place[]> {
  const [frames, wanted] = [framesIn(error), namesIn(error)];
  if (frames.length + wanted.length === 0)
    throw new WorkspaceError(
      'invalid_arguments',
      "'error' has no code, no name of an error and no place of a stack trace.",
    );
  const patterns = wanted.map((name) => new RegExp(`(?<![\\w$])${escape(name)}(?![\\w$])`, 'u'));
  const found: Place[] = [];
  const walk = { deadline: performance.now() + maxMilliseconds, problems: [] };
  for await (const file of listFiles(workspace, signal, walk)) {
    const frame = frames.map((each, index) => ({ each, fit: fitOf(file, each), index })).filter(({ fit }) => fit > 0);
    const text = await textOrNothing(workspace, file, signal);
    if (text === undefined || (frame.length === 0 && !wanted.some((name) => text.includes(name)))) continue;
    const lines = splitLines(text);
    for (const { each, fit, index } of frame)
      if (each.line <= lines.length) found.push(placeAt(file, lines, each.line - 1, 40 + fit - index));
    for (const [index, line] of lines.entries()) {
      const rank = patterns.findIndex((pattern) => pattern.test(line));
      if (rank !== -1) found.push(placeAt(file, lines, index, weightOfLine(file.label, lines, index) - rank * 3));
    }
  }
  const best = found.toSorted((a, b) => b.weight - a.weight);
  const unique = new Map(best.toReversed().map((place) => [`${place.file.label}:${place.line}`, place]));
  return [...unique.values()].toReversed().slice(0, maxPlaces);
}

/** A bare name of a file says little, but more than nothing. */
function fitOf({ label }: FoundFile, { path }: Frame): number {
  return commonEnd(label, path);
}

function placeAt(file: FoundFile, lines: readonly string[], index: number, weight: number): Place {
  return { file, line: index + 1, text: clip((lines[index] ?? '').trim(), 300), weight };
}

function escape(name: string): string {
  return name.replaceAll(/[.*+?^${}()|[\]\\]/gu, String.raw`\$&`);
}

async function textOrNothing(workspace: Workspace, file: FoundFile, signal: AbortSignal): Promise<string | undefined> {
  try {
    return await readText(workspace, file, signal);
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof WorkspaceError || (error instanceof Error && 'code' in error)) return undefined;
    throw error;
  }
}

/** The place with its last commit, if it is in a repository that can be read. */
async function trace(place: Place, workspace: Workspace, signal: AbortSignal): Promise<Traced> {
  const git = await workspace.git();
  if (git === undefined) return place;
  const { line, file } = place;
  try {
    const confined = await confine(workspace, file.absolute);
    const folder = await realpath(confined.folder.path);
    const [blamed] = await usePrivateRepository(git, folder, signal, async (repository) =>
      blameLines(repository, pathInRepository(repository, confined, folder), line, line),
    );
    const at = { folder, path: file.absolute, startLine: line, endLine: line };
    const where = await findCodePlace(git, at, signal);
    // With changes that are not committed, this can be another line.
    if (blamed === undefined || clip(blamed.text.trim(), 300) !== place.text) return place;
    const { commit, date, author, subject } = blamed;
    return {
      ...place,
      commit,
      date,
      author,
      subject,
      permalink: where?.changed === true ? undefined : where?.permalink,
    };
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof Error) return place; // not in a repository, or not committed yet
    throw error;
  }
}

function rowOf({ file, line, text, commit, date, author, subject, permalink }: Traced, firstSeen: string | undefined) {
  const before = date === undefined || firstSeen === undefined ? null : spanBetween(date, firstSeen);
  return [
    file.label,
    line,
    text,
    commit ?? null,
    date ?? null,
    author ?? null,
    subject ?? null,
    before,
    permalink ?? null,
  ];
}

/** `14 h 20 min before`, `3 d after`. */
export function spanBetween(commit: string, failure: string): string {
  const minutes = Math.round((Date.parse(failure) - Date.parse(commit)) / 60_000);
  const size = Math.abs(minutes);
  const [days, hours, rest] = [Math.floor(size / 1440), Math.floor((size % 1440) / 60), size % 60];
  const parts = [
    days > 0 ? `${days} d` : '',
    hours > 0 ? `${hours} h` : '',
    days === 0 && rest > 0 ? `${rest} min` : '',
  ];
  const span = parts.filter((part) => part !== '').join(' ');
  return `${span === '' ? '0 min' : span} ${minutes < 0 ? 'after' : 'before'}`;
}

function describe(rows: readonly (readonly (string | number | null)[])[]): string {
  if (rows.length === 0) return 'No line of the open code names it.';
  return rows
    .map(([path, line, text, commit, date, author, subject, before, permalink]) => {
      const changed = commit === null ? '' : `\n  last changed by ${commit} ${date} ${author}: ${subject}`;
      const when = before === null ? '' : ` (${before} the first failure)`;
      return `${path}:${line}: ${text}${changed}${when}${permalink === null ? '' : `\n  ${permalink}`}`;
    })
    .join('\n');
}
