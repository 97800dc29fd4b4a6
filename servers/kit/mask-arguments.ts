import { redactedIn, type Redact } from '../contract/redact.ts';
import { ToolError } from './errors.ts';
import { cleanFile, cleanText, whatIsCleaned } from './outgoing-text.ts';

const maxDepth = 100;

export interface Outgoing {
  readonly input: unknown;
  /** What was changed, one sentence per argument. */
  readonly warnings: readonly string[];
}

/**
 * Arguments of a write that are safe to send: every text and property name is cleaned and masked, at any depth.
 * Cleaning comes first: invisible characters could hide a secret.
 * @param files arguments with file content: their bytes stay, except for secrets.
 * @throws ToolError for arguments that are nested too deeply.
 */
export function outgoingArguments(input: unknown, redact: Redact, files: readonly string[] = []): Outgoing {
  const warnings: string[] = [];
  const fit = (text: string, path: readonly string[]): string => {
    const clean = files.includes(path[0] ?? '') ? cleanFile(text) : cleanText(text);
    const safe = redact(clean);
    const changes = [...whatIsCleaned(text, clean), ...redactedIn(clean, safe).map((name) => `${name} masked`)];
    if (changes.length > 0) warnings.push(`Changed in '${path.join('.')}' before sending: ${changes.join('; ')}.`);
    return safe;
  };
  return { input: walk(input, fit, []), warnings: [...new Set(warnings)] };
}

/** Arguments of a read: only secrets are masked. @throws ToolError like outgoingArguments */
export function maskArguments(input: unknown, redact: Redact): unknown {
  return walk(input, redact, []);
}

function walk(
  value: unknown,
  fit: (text: string, path: readonly string[]) => string,
  path: readonly string[],
): unknown {
  if (typeof value === 'string') return fit(value, path);
  if (value === null || typeof value !== 'object') return value;
  if (path.length > maxDepth)
    throw new ToolError('invalid_arguments', `The arguments are nested deeper than ${maxDepth} levels.`);
  if (Array.isArray(value)) return value.map((item, index) => walk(item, fit, [...path, String(index)]));
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => {
      const fitted = fit(name, [...path, name]);
      return [fitted, walk(inner, fit, [...path, fitted])];
    }),
  );
}
