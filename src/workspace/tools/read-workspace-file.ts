import * as z from 'zod';
import { confine } from '../confine.ts';
import { defineWorkspaceTool } from '../define-tool.ts';
import { WorkspaceError } from '../errors.ts';
import { readText, splitLines } from '../files.ts';

const mostLines = 400;
const mostCharacters = 48_000;
const longestLine = 2000;

export const readWorkspaceFile = defineWorkspaceTool({
  name: 'read_workspace_file',
  title: 'Read file',
  description: `Reads a text file of the open workspace, at most ${mostLines} lines at a time, with line numbers.`,
  input: z.strictObject({
    path: z.string().min(1).max(1000).describe('Path in the workspace, as shown by search_workspace.'),
    start_line: z.int().min(1).default(1).describe('First line, from 1.'),
    end_line: z.int().min(1).optional().describe(`Last line. Default: ${mostLines} lines after the first.`),
  }),
  run: async (input, workspace, signal) => {
    const file = await confine(workspace, input.path);
    const lines = splitLines(await readText(workspace, file, signal));
    const end = Math.min(input.end_line ?? Number.MAX_SAFE_INTEGER, input.start_line + mostLines - 1, lines.length);
    if (input.start_line > lines.length || (input.end_line ?? input.start_line) < input.start_line) {
      throw new WorkspaceError(
        'invalid_arguments',
        `'start_line' must be between 1 and ${lines.length}, and 'end_line' must not be before it.`,
      );
    }
    const shown: string[] = [];
    let characters = 0;
    for (const line of lines.slice(input.start_line - 1, end)) {
      const cut =
        line.length > longestLine ? `${line.slice(0, longestLine)}… (line cut, ${line.length} characters)` : line;
      characters += cut.length;
      if (characters > mostCharacters) break;
      shown.push(cut);
    }
    const last = input.start_line + shown.length - 1;
    const truncated = last < Math.min(input.end_line ?? lines.length, lines.length);
    const numbered = shown.map((line, index) => `${input.start_line + index}\t${line}`).join('\n');
    const more = last < lines.length ? `\n(lines ${last + 1} to ${lines.length} not shown)` : '';
    return {
      text: `${file.label}, lines ${input.start_line} to ${last} of ${lines.length}\n${numbered}${more}`,
      structured: {
        path: file.label,
        start_line: input.start_line,
        end_line: last,
        total_lines: lines.length,
        content: shown.join('\n'),
        truncated,
      },
    };
  },
});
