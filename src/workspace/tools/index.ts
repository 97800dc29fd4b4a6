import type { WorkspaceTool } from '../define-tool.ts';
import { findErrorOrigin } from './find-error-origin.ts';
import { getEditorContext } from './get-editor-context.ts';
import { getGitHistory } from './get-git-history.ts';
import { getWorkspaceDiagnostics } from './get-workspace-diagnostics.ts';
import { readWorkspaceFile } from './read-workspace-file.ts';
import { searchWorkspace } from './search-workspace.ts';

export const workspaceTools: readonly WorkspaceTool[] = [
  getEditorContext,
  searchWorkspace,
  readWorkspaceFile,
  getWorkspaceDiagnostics,
  getGitHistory,
  findErrorOrigin,
];
