/** What Jira shows as icons. `(x)` in a formula is not one. */
const emoticon = /:\)|:\(|:P|:D|;\)|\((?:y|n|i|\/|x|!|\+|-|\?|on|off|\*[rgby]?|flag|flagoff)\)/g;

/** A backslash escapes wiki markup: macros, links and mentions, tables, icons and text formatting. */
export function escapeWiki(value: string): string {
  return (
    value
      // Jira would decode a character reference.
      .replaceAll(/&(?=#?\w{1,32};)/g, '&amp;')
      // Two backslashes are a line break, and one before a special character escapes it.
      .replaceAll(/\\(?![\p{L}\p{N}])/gu, '&#92;')
      .replaceAll(/[{}[\]|!]/g, '\\$&')
      .replaceAll(emoticon, (icon) => (icon === '(!)' ? icon : `\\${icon}`))
      .replaceAll(/(?<![\p{L}\p{N}(\\])[*_+^~?-](?=[^\s])/gu, '\\$&')
      .replaceAll(/(?<=(?<!\\)\()[*_+^~?-](?=[^\s])/g, '\\$&')
      .replaceAll(/^(h[1-6]|bq)\./gm, '$1\\.')
      .replaceAll(/^([^\S\n\r]*)([#*-]+ )/gm, '$1\\$2')
  );
}
