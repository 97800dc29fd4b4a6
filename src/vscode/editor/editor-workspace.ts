import {
  type Diagnostic as EditorDiagnostic,
  DiagnosticSeverity,
  extensions,
  languages,
  type TextEditor,
  Uri,
  window,
  workspace,
} from 'vscode';
import * as z from 'zod';
import type { ActiveEditor, Diagnostic, Workspace } from '../../workspace/workspace.ts';

const severities = {
  [DiagnosticSeverity.Error]: 'error',
  [DiagnosticSeverity.Warning]: 'warning',
  [DiagnosticSeverity.Information]: 'information',
  [DiagnosticSeverity.Hint]: 'hint',
} as const;

/** The workspace of this window, without folders that are not on disk. */
export function createEditorWorkspace(): Workspace {
  return {
    folders: () =>
      (workspace.workspaceFolders ?? [])
        .filter((folder) => folder.uri.scheme === 'file')
        .map((folder) => ({ name: folder.name, path: folder.uri.fsPath })),
    excludes: (folder) => [...enabledGlobs('files', folder.path), ...enabledGlobs('search', folder.path)],
    unsavedText: (path) =>
      workspace.textDocuments.find((document) => document.isDirty && document.uri.fsPath === path)?.getText(),
    git: gitExecutable,
    editor: {
      active: () => (window.activeTextEditor === undefined ? undefined : describeEditor(window.activeTextEditor)),
      openFiles: () => workspace.textDocuments.filter(({ uri }) => uri.scheme === 'file').map(({ uri }) => uri.fsPath),
      diagnostics: () =>
        languages
          .getDiagnostics()
          .filter(([uri]) => uri.scheme === 'file')
          .flatMap(([uri, found]) => found.map((diagnostic) => describeDiagnostic(uri, diagnostic))),
    },
  };
}

export function describeEditor({ document, selection }: TextEditor): ActiveEditor {
  return {
    path: document.uri.scheme === 'file' ? document.uri.fsPath : undefined,
    language: document.languageId,
    lineCount: document.lineCount,
    unsaved: document.isDirty,
    selection: {
      startLine: selection.start.line + 1,
      // A selection that ends before the first character of a line does not include that line.
      endLine: selection.end.line + (selection.end.character === 0 && !selection.isSingleLine ? 0 : 1),
      text: document.getText(selection),
    },
  };
}

export function describeDiagnostic(uri: Uri, diagnostic: EditorDiagnostic): Diagnostic {
  const { code } = diagnostic;
  return {
    path: uri.fsPath,
    startLine: diagnostic.range.start.line + 1,
    endLine: diagnostic.range.end.line + 1,
    severity: severities[diagnostic.severity],
    message: diagnostic.message,
    source: diagnostic.source,
    code: code === undefined ? undefined : String(typeof code === 'object' ? code.value : code),
  };
}

const globsSchema = z.record(z.string(), z.unknown()).catch({});

/** Globs in `files.exclude` or `search.exclude`, except those with a `when` clause, which exclude only some files. */
function enabledGlobs(section: 'files' | 'search', folder: string): string[] {
  const globs = globsSchema.parse(workspace.getConfiguration(section, Uri.file(folder)).get('exclude'));
  return Object.entries(globs).flatMap(([glob, enabled]) => (enabled === true ? [glob] : []));
}

interface GitExtension {
  readonly getAPI: (version: 1) => unknown;
}

/** Returns the object itself, not a copy, because its methods need their `this`. */
const gitExtensionSchema = z.custom<GitExtension>(
  (value) => typeof value === 'object' && value !== null && 'getAPI' in value && typeof value.getAPI === 'function',
);
const gitApiSchema = z.object({ git: z.object({ path: z.string() }) });

/** The git executable that VS Code's git extension found, if any. Undefined in an untrusted workspace. */
async function gitExecutable(): Promise<string | undefined> {
  if (!workspace.isTrusted) return undefined;
  const exported: unknown = await extensions.getExtension('vscode.git')?.activate();
  const extension = gitExtensionSchema.safeParse(exported);
  if (!extension.success) return undefined;
  try {
    return gitApiSchema.parse(extension.data.getAPI(1)).git.path;
  } catch {
    return undefined; // git is turned off (`git.enabled`) or not installed: getAPI throws
  }
}
