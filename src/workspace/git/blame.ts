import { clip } from '../define-tool.ts';
import type { PrivateRepository } from './private-repository.ts';

/** Who changed a line last. */
export interface BlamedLine {
  /** As in the last commit. */
  readonly line: number;
  readonly commit: string;
  /** UTC, ISO 8601. */
  readonly date: string;
  readonly author: string;
  readonly subject: string;
  readonly text: string;
}

/** @param path from the top of the repository. */
export async function blameLines(
  { git }: PrivateRepository,
  path: string,
  startLine: number,
  endLine: number,
): Promise<readonly BlamedLine[]> {
  const flags = ['--line-porcelain', '--no-textconv', '--ignore-revs-file=', '-L', `${startLine},${endLine}`];
  return parseBlame(await git('blame', ...flags, 'HEAD', '--', path));
}

/** Each line: `<sha> <line then> <line now>`, `key value` lines, then a tab and the text. */
function parseBlame(output: string): readonly BlamedLine[] {
  const lines: BlamedLine[] = [];
  let commit = '';
  let line = 0;
  let about = new Map<string, string>();
  for (const entry of output.split('\n')) {
    const header = /^([0-9a-f]{40,64}) \d+ (\d+)/u.exec(entry);
    if (entry.startsWith('\t')) {
      const date = new Date(Number(about.get('author-time') ?? 0) * 1000).toISOString();
      const subject = clip(about.get('summary') ?? '', 200);
      lines.push({ line, commit, date, author: about.get('author') ?? '', subject, text: clip(entry.slice(1), 300) });
      about = new Map();
    } else if (header === null) {
      const space = entry.indexOf(' ');
      if (space > 0) about.set(entry.slice(0, space), entry.slice(space + 1));
    } else {
      commit = (header[1] ?? '').slice(0, 12);
      line = Number(header[2]);
    }
  }
  return lines;
}
