import { ToolError } from './errors.ts';
import type { Redact } from '../contract/redact.ts';

const deepest = 100;

/**
 * Arguments as they may leave: each text masked, names of properties too, however deep.
 * @throws ToolError for arguments nested so deep that they cannot be walked.
 */
export function maskArguments(input: unknown, redact: Redact, depth = 0): unknown {
  if (typeof input === 'string') return redact(input);
  if (input === null || typeof input !== 'object') return input;
  if (depth > deepest)
    throw new ToolError('invalid_arguments', `The arguments are nested deeper than ${deepest} levels.`);
  if (Array.isArray(input)) return input.map((item) => maskArguments(item, redact, depth + 1));
  return Object.fromEntries(
    Object.entries(input).map(([name, value]) => [redact(name), maskArguments(value, redact, depth + 1)]),
  );
}
