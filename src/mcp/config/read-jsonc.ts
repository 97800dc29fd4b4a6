import { findNodeAtLocation, getNodeValue, parseTree, printParseErrorCode, type ParseError } from 'jsonc-parser';
import { McpConfigError } from './errors.ts';

/** A parsed file that keeps the position of each value. */
export interface JsoncFile {
  readonly value: unknown;
  /** The 1-based line of a value, or of its nearest existing parent. */
  readonly lineOf: (path: readonly string[]) => number;
}

/**
 * JSON as people write it in editors: comments, trailing commas and a byte order mark are allowed.
 * @throws McpConfigError with the line of the first error.
 */
export function readJsonc(text: string, file: string): JsoncFile {
  const source = text.replace(/^\u{FEFF}/u, '');
  const errors: ParseError[] = [];
  const root = parseTree(source, errors, { allowTrailingComma: true, disallowComments: false });
  const [fault] = errors;
  if (fault !== undefined || root === undefined) {
    const line = lineAt(source, fault?.offset ?? 0);
    const what = source.trim() === '' ? 'it is empty' : (otherFormat(source) ?? describeFault(fault));
    throw new McpConfigError(`${file}:${line}: not valid JSON: ${what}`);
  }
  return {
    value: getNodeValue(root),
    lineOf: (path) => {
      for (let length = path.length; length > 0; length -= 1) {
        const node = findNodeAtLocation(root, path.slice(0, length));
        // The line of the key, not of its value.
        if (node !== undefined) return lineAt(source, node.parent?.offset ?? node.offset);
      }
      return lineAt(source, root.offset);
    },
  };
}

/** `PropertyNameExpected` -> `property name expected`. */
function describeFault(fault: ParseError | undefined): string {
  return (fault === undefined ? 'ValueExpected' : printParseErrorCode(fault.error))
    .replaceAll(/(?<=[a-z])(?=[A-Z])/g, ' ')
    .toLowerCase();
}

function lineAt(text: string, offset: number): number {
  let line = 1;
  for (let at = text.indexOf('\n'); at !== -1 && at < offset; at = text.indexOf('\n', at + 1)) line += 1;
  return line;
}

/** A hint for a file that another host keeps in another format. */
function otherFormat(source: string): string | undefined {
  if (/^\s*\[[\w."-]+\]\s*$/mu.test(source)) return 'it looks like TOML, as Codex writes it. Write the servers as JSON';
  return /^[\w-]+:(?:\s|$)/mu.test(source) ? 'it looks like YAML. Write the servers as JSON' : undefined;
}
