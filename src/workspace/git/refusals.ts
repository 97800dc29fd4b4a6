import { WorkspaceError } from '../errors.ts';

/** Without the path: the repository chose it, and where it leads is nothing for the model to know. */
export function outside(name: string): WorkspaceError {
  return new WorkspaceError(
    'not_allowed',
    `Git history is not available: ${name} leads outside the workspace.`,
    'A repository is read only if all of it is in the workspace folder or in the .git folder of a parent.',
  );
}

export function refused(reason: string): WorkspaceError {
  return new WorkspaceError('not_allowed', `Git history is not available: ${reason}.`);
}
