import * as z from 'zod';
import { labelOfAbsolute } from '../confine.ts';
import { clip, defineWorkspaceTool } from '../define-tool.ts';
import { WorkspaceError } from '../errors.ts';
import { findRepository } from '../git/find-repository.ts';
import { branchOf, readHead } from '../git/read-refs.ts';
import type { WorkspaceFolder } from '../workspace.ts';

const longestSelection = 16_000;
const mostOpenFiles = 50;

export const getEditorContext = defineWorkspaceTool({
  name: 'get_editor_context',
  title: 'Look at the editor',
  description:
    'Shows what the user has open: workspace folders with branch and commit, the active file, its selection, other open files.',
  input: z.strictObject({}),
  run: async (_input, workspace, signal) => {
    const folders = await Promise.all(workspace.folders().map((folder) => describeFolder(folder, signal)));
    const active = workspace.editor?.active();
    const selection = active?.selection;
    const structured = {
      folders,
      active_file: active?.path === undefined ? null : (labelOfAbsolute(workspace, active.path) ?? null),
      language: active?.language ?? null,
      unsaved: active?.unsaved ?? false,
      selection:
        selection === undefined || selection.text === ''
          ? null
          : {
              start_line: selection.startLine,
              end_line: selection.endLine,
              text: clip(selection.text, longestSelection),
            },
      cursor_line: selection?.startLine ?? null,
      open_files: (workspace.editor?.openFiles() ?? [])
        .flatMap((path) => labelOfAbsolute(workspace, path) ?? [])
        .slice(0, mostOpenFiles),
    };
    return { text: describe(structured, workspace.editor !== undefined), structured };
  },
});

interface FolderContext {
  readonly name: string;
  readonly branch: string | null;
  readonly commit: string | null;
}

async function describeFolder(folder: WorkspaceFolder, signal: AbortSignal): Promise<FolderContext> {
  try {
    const head = await readHead(await findRepository(folder.path, signal));
    return { name: folder.name, branch: branchOf(head), commit: head.commit };
  } catch (error) {
    // No repository, or one without commits.
    if (error instanceof WorkspaceError) return { name: folder.name, branch: null, commit: null };
    throw error;
  }
}

interface Context {
  readonly folders: readonly FolderContext[];
  readonly active_file: string | null;
  readonly language: string | null;
  readonly selection: { readonly start_line: number; readonly end_line: number; readonly text: string } | null;
  readonly cursor_line: number | null;
  readonly open_files: readonly string[];
}

function describe(context: Context, hasEditor: boolean): string {
  const lines = context.folders.map(({ name, branch, commit }) =>
    branch === null ? `Folder ${name}` : `Folder ${name}, branch ${branch} at ${commit?.slice(0, 12)}`,
  );
  if (lines.length === 0) lines.push('No folder is open.');
  if (!hasEditor) return [...lines, 'No editor is running here.'].join('\n');
  if (context.active_file === null) lines.push('No workspace file is active.');
  else lines.push(`Active file: ${context.active_file} (${context.language}), cursor at line ${context.cursor_line}`);
  if (context.selection !== null) {
    lines.push(`Selected, lines ${context.selection.start_line} to ${context.selection.end_line}:`);
    lines.push(context.selection.text);
  }
  if (context.open_files.length > 0) lines.push(`Open files: ${context.open_files.join(', ')}`);
  return lines.join('\n');
}
