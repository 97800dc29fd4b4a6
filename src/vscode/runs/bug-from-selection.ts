import { languages, type TextEditor, workspace } from 'vscode';
import type { Attachment } from '../../agent/run/system-prompt.ts';
import { describeDiagnostic, describeEditor } from '../editor/editor-workspace.ts';
import { clip, describeLines } from '../editor/editor-context.ts';
import { findCodePlace } from '../../workspace/git/permalink.ts';
import type { Workspace } from '../../workspace/workspace.ts';

/** What the agent is told about the selected lines. */
export interface SelectedCode {
  readonly path: string;
  /** `12-20` */
  readonly lines: string;
  readonly attachments: readonly Attachment[];
}

/** What the editor and git know about the selection. Undefined if nothing is selected. */
export async function describeSelection(
  editor: TextEditor,
  code: Workspace,
  signal: AbortSignal,
): Promise<SelectedCode | undefined> {
  const { document } = editor;
  const { language, selection, unsaved } = describeEditor(editor);
  if (selection.text.trim() === '') return undefined;
  const path = workspace.asRelativePath(document.uri);
  const range = describeLines(selection);
  const place = await placeOf(editor, code, signal);
  const problems = languages
    .getDiagnostics(document.uri)
    .filter((found) => found.range.intersection(editor.selection) !== undefined)
    .map((found) => describeDiagnostic(document.uri, found));
  const facts = [
    `File: ${path}`,
    `Lines: ${range.short}`,
    `Language: ${language}`,
    ...(place === undefined ? [] : [`Commit: ${place.commit} (branch ${place.branch})`]),
    ...(place?.permalink === undefined ? [] : [`Permalink: ${place.permalink}`]),
    ...(unsaved || place?.changed === true ? ['The file has changes that are not in that commit.'] : []),
    ...(problems.length === 0 ? ['The editor shows no problems on these lines.'] : ['Problems on these lines:']),
    ...problems.map(({ startLine, severity, message }) => `- line ${startLine}: ${severity}: ${message}`),
  ];
  const attachments = [
    { label: `Selection in ${path}, ${range.long}`, text: clip(selection.text) },
    { label: 'About the selection', text: facts.join('\n') },
  ];
  return { path, lines: range.short, attachments };
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
