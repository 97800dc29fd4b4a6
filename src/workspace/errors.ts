import type { ErrorCode } from '../../servers/contract/errors.ts';

/** An error the model can understand and fix. Any other error becomes `internal`. */
export class WorkspaceError extends Error {
  readonly code: ErrorCode;
  readonly hint: string | undefined;

  constructor(code: ErrorCode, message: string, hint?: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'WorkspaceError';
    this.code = code;
    this.hint = hint;
  }
}

/** ENOENT and the like; undefined for anything that is not a system error. */
export function systemErrorCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
