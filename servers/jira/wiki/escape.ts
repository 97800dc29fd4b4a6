/** What Jira draws as icons; `(x)` in a formula is none. */
const emoticon = /:\)|:\(|:P|:D|;\)|\((?:y|n|i|\/|x|!|\+|-|\?|on|off|\*[rgby]?|flag|flagoff)\)/g;

/** A backslash keeps wiki markup from being read: macros, links with mentions, tables, icons and the marks of text. */
export function escapeWiki(value: string): string {
  return (
    value
      // A reference to a character would be read as the character.
      .replaceAll(/&(?=#?\w{1,32};)/g, '&amp;')
      // Two backslashes are a line break, and one before a sign takes the sign away.
      .replaceAll(/\\(?![\p{L}\p{N}])/gu, '&#92;')
      .replaceAll(/[{}[\]|!]/g, '\\$&')
      .replaceAll(emoticon, (icon) => (icon === '(!)' ? icon : `\\${icon}`))
      .replaceAll(/(?<![\p{L}\p{N}(\\])[*_+^~?-](?=[^\s])/gu, '\\$&')
      .replaceAll(/(?<=(?<!\\)\()[*_+^~?-](?=[^\s])/g, '\\$&')
      .replaceAll(/^(h[1-6]|bq)\./gm, '$1\\.')
      .replaceAll(/^(\s*)([#*-]+ )/gm, '$1\\$2')
  );
}
