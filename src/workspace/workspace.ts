/**
 * The open code, as the workspace tools see it. One implementation asks VS Code, the other plain files; the tools add
 * what both need: confinement, exclusion rules, caps.
 */
export interface Workspace {
  readonly folders: () => readonly WorkspaceFolder[];
  /** VS Code's globs of excluded files, in addition to .gitignore: `files.exclude` and `search.exclude`. */
  readonly excludes: (folder: WorkspaceFolder) => readonly string[];
  /** The text of an open file with unsaved changes. */
  readonly unsavedText: (absolutePath: string) => string | undefined;
  /** The git executable; undefined if there is none. */
  readonly git: () => Promise<string | undefined>;
  /** Absent if no editor is running. */
  readonly editor?: EditorView | undefined;
}

export interface EditorView {
  readonly active: () => ActiveEditor | undefined;
  /** Absolute paths of files open in tabs. */
  readonly openFiles: () => readonly string[];
  readonly diagnostics: () => readonly Diagnostic[];
}

export interface WorkspaceFolder {
  readonly name: string;
  readonly path: string;
}

export interface ActiveEditor {
  /** Undefined for a document that is not a file. */
  readonly path: string | undefined;
  readonly language: string;
  readonly lineCount: number;
  readonly unsaved: boolean;
  /** Lines count from 1. An empty selection has no text. */
  readonly selection: { readonly startLine: number; readonly endLine: number; readonly text: string };
}

export interface Diagnostic {
  readonly path: string;
  /** From 1. */
  readonly startLine: number;
  readonly endLine: number;
  readonly severity: 'error' | 'warning' | 'information' | 'hint';
  readonly message: string;
  readonly source: string | undefined;
  readonly code: string | undefined;
}
