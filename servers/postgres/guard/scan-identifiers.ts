import type * as grammarModule from 'libpg-query';

/** Names used by SQL in the database: a function body, a view, a policy, a default. */
export interface CodeNames {
  /** Followed by a parenthesis: a function, or a word that only looks like one. */
  readonly called: readonly string[];
  /** After a name and a dot: a field, or a function of the row before it. */
  readonly dotted: readonly string[];
  /** After a parenthesis and a dot: a field, or a function of the value before it. */
  readonly selected: readonly string[];
  /** All names, including every relation and type. */
  readonly words: readonly string[];
  readonly operators: readonly string[];
}

/** Keywords that use operators implicitly, with those operators. */
const comparing = ['case', 'in', 'between', 'using', 'natural', 'nullif', 'any', 'some', 'all'] as const;
const compared = ['=', '<>', '<', '>', '<=', '>='] as const;

/**
 * Scans tokens instead of parsing: the text is not the caller's, may be PL/pgSQL, and an extra name does no harm.
 * @returns undefined if the text cannot be scanned
 */
export function namesInCode(text: string, grammar: Pick<typeof grammarModule, 'scanSync'>): CodeNames | undefined {
  const tokens = scan(text, grammar);
  if (tokens === undefined) return undefined;
  const called = new Set<string>();
  const dotted = new Set<string>();
  const selected = new Set<string>();
  const words = new Set<string>();
  const operators = new Set<string>();
  for (const [index, token] of tokens.entries()) {
    const name = nameOf(token);
    if (name === undefined) {
      if (/^[+\-*/<>=~!@#%^&|`?]+$/.test(token)) operators.add(token);
      continue;
    }
    words.add(name);
    if (tokens[index + 1] === '(') called.add(name);
    if (tokens[index - 1] === '.') (/^[)\]]$/.test(tokens[index - 2] ?? '') ? selected : dotted).add(name);
  }
  if (comparing.some((word) => words.has(word))) for (const operator of compared) operators.add(operator);
  return {
    called: [...called],
    dotted: [...dotted],
    selected: [...selected],
    words: [...words],
    operators: [...operators],
  };
}

function scan(text: string, grammar: Pick<typeof grammarModule, 'scanSync'>): string[] | undefined {
  if (text === '') return [];
  try {
    const { tokens } = grammar.scanSync(text);
    return tokens.filter(({ tokenName }) => !tokenName.endsWith('_COMMENT')).map((token) => token.text);
  } catch {
    return undefined; // undefined, so the caller refuses it
  }
}

function nameOf(token: string): string | undefined {
  const unicode = /^u&"(.*)"$/is.exec(token)?.[1];
  if (unicode !== undefined)
    return unquote(
      unicode.replaceAll(/\\(?:\+([\da-f]{6})|([\da-f]{4}))/gi, (_, long?: string, short?: string) =>
        String.fromCodePoint(Math.min(Number.parseInt(long ?? short ?? '0', 16), 0x10_ff_ff)),
      ),
    );
  if (token.startsWith('"')) return unquote(token.slice(1, -1));
  return /^[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*$/.test(token) ? token.toLowerCase() : undefined;
}

function unquote(name: string): string {
  return name.replaceAll('""', '"');
}
