import type * as grammarModule from 'libpg-query';

/**
 * Names that a text of the database's own (a view, a function's body, a policy) calls like functions. By tokens, not by
 * tree: it is not the attacker's text, may be PL/pgSQL, and too many names do no harm.
 */
export function calledNames(text: string, grammar: Pick<typeof grammarModule, 'scanSync'>): string[] {
  if (text === '') return [];
  const { tokens } = grammar.scanSync(text);
  const names = new Set<string>();
  for (const [index, token] of tokens.entries()) {
    if (tokens[index + 1]?.text !== '(') continue;
    if (/^[A-Za-z_\u0080-\uffff]/.test(token.text)) names.add(token.text.toLowerCase());
    else if (token.text.startsWith('"')) names.add(token.text.slice(1, -1).replaceAll('""', '"'));
  }
  return [...names];
}
