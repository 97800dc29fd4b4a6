import { ToolError } from '../../kit/errors.ts';

/** @param message continues after the argument's name: "must be a number". */
export function wrongArgument(argument: string, message: string, details?: Record<string, unknown>): ToolError {
  return new ToolError('invalid_arguments', `'${argument}' ${message}.`, details === undefined ? {} : { details });
}

export function asText(given: unknown, argument: string): string {
  if (typeof given === 'string') return given;
  if (typeof given === 'number' || typeof given === 'boolean') return String(given);
  throw wrongArgument(argument, 'must be text');
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The identifying value of a Jira object such as `{"accountId": "..."}`. Anything else is returned unchanged. */
export function unwrap(given: unknown, keys: readonly string[]): unknown {
  if (!isRecord(given)) return given;
  const key = keys.find((name) => given[name] !== undefined && given[name] !== null);
  return key === undefined ? given : given[key];
}
