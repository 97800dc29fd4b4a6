import { basename } from 'node:path';
import { languages, type TextEditor, window, workspace } from 'vscode';
import type { Attachment } from '../../agent/run/system-prompt.ts';
import type { ContextChip } from '../../chat/messages.ts';
import { describeDiagnostic, describeEditor } from './editor-workspace.ts';

/** A chip with the content it had when it was shown. */
export interface ContextItem {
  readonly chip: ContextChip;
  readonly attachment: Attachment;
}

const longestText = 32_000;
const mostProblems = 30;
let lastId = 0;

/** The context of the active editor that can be attached to a prompt: selection, problems in it, file. */
export function readEditorContext(): readonly ContextItem[] {
  const editor = window.activeTextEditor;
  if (editor === undefined || editor.document.uri.scheme !== 'file') return [];
  const { document } = editor;
  const view = describeEditor(editor);
  const name = basename(document.uri.fsPath);
  const path = workspace.asRelativePath(document.uri);
  const items: ContextItem[] = [];
  if (view.selection.text.trim() !== '') {
    const range = describeLines(view.selection);
    items.push(
      item('selection', `${name}:${range.short}`, true, {
        label: `Selection in ${path}, ${range.long}`,
        text: clip(view.selection.text),
      }),
    );
  }
  const problems = problemsOf(editor);
  if (problems.length > 0) {
    const label = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
    items.push(item('diagnostics', label, false, { label: `Problems in ${path}`, text: problems.join('\n') }));
  }
  items.push(item('file', name, false, { label: `File ${path} (${view.language})`, text: clip(document.getText()) }));
  return items;
}

/** `12-20` and `lines 12 to 20`. */
export function describeLines({ startLine, endLine }: { readonly startLine: number; readonly endLine: number }) {
  if (startLine === endLine) return { short: String(startLine), long: `line ${startLine}` };
  return { short: `${startLine}-${endLine}`, long: `lines ${startLine} to ${endLine}` };
}

function problemsOf({ document }: TextEditor): string[] {
  return languages
    .getDiagnostics(document.uri)
    .slice(0, mostProblems)
    .map((found) => describeDiagnostic(document.uri, found))
    .map(({ startLine, severity, message }) => `line ${startLine}: ${severity}: ${message}`);
}

function item(kind: ContextChip['kind'], label: string, suggested: boolean, attachment: Attachment): ContextItem {
  lastId += 1;
  return { chip: { id: `${kind}-${lastId}`, kind, label, detail: attachment.label, suggested }, attachment };
}

export function clip(text: string): string {
  return text.length > longestText
    ? `${text.slice(0, longestText)}\n(truncated, ${text.length} characters in total)`
    : text;
}
