import { basename } from 'node:path';
import { languages, type TextEditor, window, workspace } from 'vscode';
import type { ContextChip } from '../chat/messages.ts';
import { describeDiagnostic, describeEditor } from './editor-workspace.ts';

/** A chip with what it stands for, as it was when the chip was shown. */
export interface ContextItem {
  readonly chip: ContextChip;
  readonly text: string;
}

const longestText = 32_000;
const mostProblems = 30;
let lastId = 0;

/** What of the active editor may go with a prompt: the selection, the problems on it, the file. */
export function readEditorContext(): readonly ContextItem[] {
  const editor = window.activeTextEditor;
  if (editor === undefined || editor.document.uri.scheme !== 'file') return [];
  const { document } = editor;
  const view = describeEditor(editor);
  const name = basename(document.uri.fsPath);
  const path = workspace.asRelativePath(document.uri);
  const items: ContextItem[] = [];
  if (view.selection.text.trim() !== '') {
    const { startLine, endLine } = view.selection;
    const lines = startLine === endLine ? `line ${startLine}` : `lines ${startLine} to ${endLine}`;
    items.push(
      item(
        'selection',
        `${name}:${startLine}${startLine === endLine ? '' : `-${endLine}`}`,
        `${path}, ${lines}`,
        true,
        [`Selection in ${path}, ${lines} (${view.language}):`, fence(view.selection.text)],
      ),
    );
  }
  const problems = problemsOf(editor);
  if (problems.length > 0) {
    const label = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
    items.push(
      item('diagnostics', label, `${label} that the editor shows in ${path}`, false, [
        `Problems in ${path}:`,
        ...problems,
      ]),
    );
  }
  items.push(
    item('file', name, path, false, [
      `File ${path} (${view.language}, ${view.lineCount} lines), cursor at line ${view.selection.startLine}:`,
      fence(document.getText()),
    ]),
  );
  return items;
}

function problemsOf({ document }: TextEditor): string[] {
  return languages
    .getDiagnostics(document.uri)
    .slice(0, mostProblems)
    .map((found) => describeDiagnostic(document.uri, found))
    .map(({ startLine, severity, message }) => `line ${startLine}: ${severity}: ${message}`);
}

function item(
  kind: ContextChip['kind'],
  label: string,
  detail: string,
  suggested: boolean,
  lines: readonly string[],
): ContextItem {
  lastId += 1;
  return { chip: { id: `${kind}-${lastId}`, kind, label, detail, suggested }, text: lines.join('\n') };
}

/** Long enough that nothing in the text can close it. */
export function fence(text: string): string {
  const cut = text.length > longestText ? `${text.slice(0, longestText)}\n(cut, ${text.length} characters)` : text;
  const longest = Math.max(2, ...[...cut.matchAll(/`+/gu)].map(([run]) => run.length));
  const marks = '`'.repeat(longest + 1);
  return `${marks}\n${cut}\n${marks}`;
}
