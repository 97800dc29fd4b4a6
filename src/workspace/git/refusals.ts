import { WorkspaceError } from '../errors.ts';

/** Omits the path: the repository chose it, and the model must not learn where it leads. */
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
