import { languages, type TextEditor, workspace } from 'vscode';
import { describeDiagnostic, describeEditor } from './editor-workspace.ts';
import { fence } from './editor-context.ts';
import { findCodePlace } from './permalink.ts';
import type { Workspace } from '../workspace/workspace.ts';

/** What the agent is told of the selected lines, and what the chat shows of it. */
export interface SelectedCode {
  readonly label: string;
  readonly text: string;
}

/** Everything the editor and git know about the selection; undefined when nothing is selected. */
export async function describeSelection(
  editor: TextEditor,
  code: Workspace,
  signal: AbortSignal,
): Promise<SelectedCode | undefined> {
  const { document } = editor;
  const { language, selection, unsaved } = describeEditor(editor);
  if (selection.text.trim() === '') return undefined;
  const path = workspace.asRelativePath(document.uri);
  const { startLine, endLine } = selection;
  const place = await placeOf(editor, code, signal);
  const problems = languages
    .getDiagnostics(document.uri)
    .filter(({ range }) => range.intersection(editor.selection) !== undefined)
    .map((found) => describeDiagnostic(document.uri, found));
  const lines = [
    `File: ${path}`,
    `Lines: ${startLine}-${endLine}`,
    `Language: ${language}`,
    ...(place === undefined ? [] : [`Commit: ${place.commit} (branch ${place.branch})`]),
    ...(place?.permalink === undefined ? [] : [`Permalink: ${place.permalink}`]),
    ...(unsaved || place?.changed === true ? ['The file has changes that are not in that commit.'] : []),
    ...(problems.length === 0 ? [] : ['Problems on these lines:']),
    ...problems.map(({ startLine: line, severity, message }) => `- line ${line}: ${severity}: ${message}`),
    'Selected text:',
    fence(selection.text),
  ];
  return { label: `${path}:${startLine}${endLine === startLine ? '' : `-${endLine}`}`, text: lines.join('\n') };
}

async function placeOf(editor: TextEditor, code: Workspace, signal: AbortSignal) {
  const folder = workspace.getWorkspaceFolder(editor.document.uri);
  const git = await code.git();
  if (folder === undefined || git === undefined || editor.document.uri.scheme !== 'file') return undefined;
  const { startLine, endLine } = describeEditor(editor).selection;
  return findCodePlace(
    git,
    { folder: folder.uri.fsPath, path: editor.document.uri.fsPath, startLine, endLine },
    signal,
  );
}
