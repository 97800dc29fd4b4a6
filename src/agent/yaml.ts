import { isNode, LineCounter, parseDocument, type Document } from 'yaml';
import type * as z from 'zod';

/** The place of an error in a file and how to fix it. Lines and columns count from 1. */
export interface SourceIssue {
  readonly line: number;
  readonly column: number;
  /** Dotted path: `grants.0.where`. Empty for the whole file. */
  readonly field: string;
  readonly message: string;
}

export type Checked<Value> =
  | { readonly kind: 'valid'; readonly value: Value }
  | { readonly kind: 'invalid'; readonly issues: readonly SourceIssue[] };

/** `policy.yaml:3:5: grants.0.tool: unknown tool 'x'`; one line per issue. */
export function describeIssues(fileName: string, issues: readonly SourceIssue[]): string {
  return issues
    .map(
      ({ line, column, field, message }) =>
        `${fileName}:${line}:${column}: ${field === '' ? '' : `${field}: `}${message}`,
    )
    .join('\n');
}

/**
 * Reads YAML (which includes JSON) and validates it against a strict schema.
 * @param firstLine line of the file on which `text` starts, for front matter.
 */
export function parseCheckedYaml<Value>(text: string, schema: z.ZodType<Value>, firstLine = 1): Checked<Value> {
  const lines = new LineCounter();
  const at = (offset: number): { line: number; column: number } => {
    const { line, col } = lines.linePos(offset);
    return { line: line + firstLine - 1, column: col };
  };
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true, version: '1.2' });
  if (document.errors.length > 0) {
    const issues = document.errors.map((error) => ({
      ...at(error.pos[0]),
      field: '',
      message: error.message.split('\n')[0]?.replace(/ at line \d+, column \d+:?$/, '') ?? error.code,
    }));
    return { kind: 'invalid', issues };
  }
  const plain = toPlain(document);
  if (plain instanceof ReferenceError)
    return { kind: 'invalid', issues: [{ line: firstLine, column: 1, field: '', message: plain.message }] };
  // zod distinguishes a missing value from a wrong one only if it reports the input.
  const parsed = schema.safeParse(plain, { reportInput: true });
  if (parsed.success) return { kind: 'valid', value: parsed.data };
  const issues = parsed.error.issues.flatMap(describeIssue).map(({ path, message }) => ({
    ...at(offsetOf(document, path)),
    field: path.join('.'),
    message,
  }));
  return { kind: 'invalid', issues };
}

/** Throws a ReferenceError if an alias is unknown, or if aliases multiply to exhaust memory. */
function toPlain(document: Document): unknown {
  try {
    const plain: unknown = document.toJS({ maxAliasCount: 50 });
    return plain;
  } catch (error) {
    if (error instanceof ReferenceError) return error;
    throw error;
  }
}

/** One entry per unknown key, in words that say how to fix it. */
export function describeIssue(issue: z.core.$ZodIssue): readonly { path: readonly PropertyKey[]; message: string }[] {
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({ path: [...issue.path, key], message: 'unknown key' }));
  if (issue.code === 'invalid_type' && issue.input === undefined)
    return [{ path: issue.path, message: `is required (${issue.expected})` }];
  if (issue.code === 'invalid_type')
    return [
      { path: issue.path, message: `must be ${issue.expected === 'array' ? 'a list' : `of type ${issue.expected}`}` },
    ];
  if (issue.code === 'too_small' && issue.origin !== 'string')
    return [{ path: issue.path, message: `must be at least ${String(issue.minimum)}` }];
  if (issue.code === 'invalid_value')
    return [{ path: issue.path, message: `must be one of ${issue.values.map(String).join(', ')}` }];
  return [{ path: issue.path, message: issue.message }];
}

/** Offset of the node at a path, or of its nearest existing parent. */
function offsetOf(document: Document, path: readonly PropertyKey[]): number {
  for (let length = path.length; length >= 0; length -= 1) {
    const node: unknown = document.getIn(path.slice(0, length).map(String), true);
    if (isNode(node) && node.range !== undefined && node.range !== null) return node.range[0];
  }
  return 0;
}
