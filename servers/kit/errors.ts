import type { ErrorCode, ToolErrorData } from '../contract/errors.ts';

type Extra = Partial<Pick<ToolErrorData, 'hint' | 'retryable' | 'retryAfterMs' | 'details'>>;

/** A failure that the caller can understand. The message is ours; upstream text goes into `details`. */
export class ToolError extends Error {
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly retryable: boolean;
  readonly retryAfterMs: number | undefined;
  readonly details: Record<string, unknown> | undefined;

  constructor(code: ErrorCode, message: string, extra: Extra = {}, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ToolError';
    this.code = code;
    this.hint = extra.hint;
    this.retryable = extra.retryable ?? retryableCodes.has(code);
    this.retryAfterMs = extra.retryAfterMs;
    this.details = extra.details;
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    return isNamed(value, 'ToolError');
  }
}

/** The parts that are loaded later are bundles with copies of these classes: an error of a copy is one of ours. */
function isNamed(value: unknown, name: string): boolean {
  return value instanceof Error && value.name === name;
}

const retryableCodes: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['rate_limited', 'timeout', 'unreachable']);

/** A setting is missing or invalid: one line on stderr and exit code 78 (EX_CONFIG of sysexits.h). */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';

  static override [Symbol.hasInstance](value: unknown): boolean {
    return isNamed(value, 'ConfigurationError');
  }
}

/** The only place that turns anything thrown into the error that a client gets. */
export function toErrorData(error: unknown, signal?: AbortSignal): ToolErrorData {
  if (error instanceof ToolError) {
    return {
      code: error.code,
      message: error.message,
      retryable: error.retryable,
      ...(error.hint !== undefined && { hint: error.hint }),
      ...(error.retryAfterMs !== undefined && { retryAfterMs: error.retryAfterMs }),
      ...(error.details !== undefined && { details: error.details }),
    };
  }
  if (signal?.aborted === true) return { code: 'cancelled', message: 'The call was cancelled.', retryable: false };
  return {
    code: 'internal',
    message: 'The server failed unexpectedly. See its log on stderr.',
    retryable: false,
  };
}

/** The same error as text, for the model. */
export function errorText(error: ToolErrorData): string {
  const lines = [`${error.code}: ${error.message}`];
  if (error.hint !== undefined) lines.push(`Hint: ${error.hint}`);
  if (error.retryAfterMs !== undefined) lines.push(`Try again after ${Math.ceil(error.retryAfterMs / 1000)} s.`);
  if (error.details !== undefined) lines.push(`Details: ${JSON.stringify(error.details)}`);
  return lines.join('\n');
}
