import { basename } from 'node:path';
import { languages, type TextEditor, window, workspace, l10n } from 'vscode';
import type { Attachment } from '../../agent/run/system-prompt.ts';
import type { ContextChip } from '../../chat/messages.ts';
import { describeDiagnostic, describeEditor } from './editor-workspace.ts';
import { plural } from '../plural.ts';

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
      item('selection', `${name}:${range.short}`, true, l10n.t('Selection in {0}:{1}', path, range.short), {
        label: `Selection in ${path}, ${range.long}`,
        text: clip(view.selection.text),
      }),
    );
  }
  const problems = problemsOf(editor);
  if (problems.length > 0) {
    const label = plural(problems.length, '{0} problem', '{0} problems');
    const detail = l10n.t('Problems in {0}', path);
    items.push(item('diagnostics', label, false, detail, { label: `Problems in ${path}`, text: problems.join('\n') }));
  }
  const file = { label: `File ${path} (${view.language})`, text: clip(document.getText()) };
  items.push(item('file', name, false, l10n.t('File {0} ({1})', path, view.language), file));
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

/** The chip is for the person, the attachment for the model. */
function item(
  kind: ContextChip['kind'],
  label: string,
  suggested: boolean,
  detail: string,
  attachment: Attachment,
): ContextItem {
  lastId += 1;
  return { chip: { id: `${kind}-${lastId}`, kind, label, detail, suggested }, attachment };
}

export function clip(text: string): string {
  return text.length > longestText
    ? `${text.slice(0, longestText)}\n(truncated, ${text.length} characters in total)`
    : text;
}
