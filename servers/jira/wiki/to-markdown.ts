import { type Pair, replacePairs } from './replace-pairs.ts';

const marker = '\u0000';
const escapedMark = /\\([^\p{L}\p{N}\s\\])/gu;
const references: ReadonlyMap<string, string> = new Map([
  ['&#92;', '\\'],
  ['&amp;', '&'],
  ['&lt;', '<'],
  ['&gt;', '>'],
  ['&nbsp;', '\u00a0'],
]);

/** Pieces set aside until everything else is converted. */
class Pieces {
  readonly #kept: string[] = [];

  keep(text: string): string {
    return `${marker}${this.#kept.push(text) - 1}${marker}`;
  }

  /** A line with its pieces restored. A pipe inside a table cell stays escaped. */
  restore(row: string): string {
    let whole = row;
    while (whole.includes(marker))
      whole = whole.replaceAll(new RegExp(`${marker}(\\d+)${marker}`, 'g'), (_, index: string) => {
        const text = this.#kept[Number(index)] ?? '';
        return text === '|' && row.startsWith('|') ? '\\|' : text;
      });
    return whole;
  }
}

const codeMark = /(?<!\{)\{(?<kind>code|noformat)(?::(?<options>[^{}\n]{0,300}))?\}(?!\})/g;
const quoteMark = /\{(?<kind>quote)\}/g;
const panelMark = /\{(?<kind>info|tip|note|warning|panel)(?::(?<options>[^{}\n]{0,300}))?\}/g;

/** Wiki markup of Jira Data Center as Markdown, for reading. Unknown markup stays unchanged. */
export function wikiToMarkdown(wiki: string): string {
  const pieces = new Pieces();
  const plain = wiki.replaceAll(marker, '').replaceAll('\r\n', '\n');
  const keepCode = ({ options, inner }: Pair): string =>
    pieces.keep(fenced(inner.replaceAll('{\u200b', '{'), languageOf(options)));
  const withoutCode = replacePairs(plain, codeMark, keepCode)
    .replaceAll(/\{\{([^{}\n]{1,500})\}\}/g, (_, code: string) => pieces.keep(codeSpan(unescapeWiki(code))))
    // A forced line break, the only kind possible in a table.
    .replaceAll(/(?<!\\)\\\\(?!\\)[ \t]*\n?/g, () => pieces.keep('<br>'))
    .replaceAll(escapedMark, (_, character: string) => pieces.keep(escapedForMarkdown(character)))
    .replaceAll(/&amp;(?=#?\w{1,32};)/g, () => pieces.keep('\\&'))
    .replaceAll(/&(?:#92|amp|lt|gt|nbsp);/g, (name) => pieces.keep(escapedForMarkdown(references.get(name) ?? name)))
    .replaceAll(fileReference, (_, before: string, image: string | undefined, file: string | undefined) => {
      const [name = ''] = (image ?? file ?? '').split('|');
      return `${before}${pieces.keep(`![${name}](media:${encodeURIComponent(file === undefined ? `!${image}!` : `[^${file}]`)})`)}`;
    });
  const withoutQuotes = replacePairs(withoutCode, quoteMark, ({ inner }) => quote(inner, pieces));
  const blocks = replacePairs(withoutQuotes, panelMark, ({ kind, options = '', inner }) => {
    const title = kind === 'panel' ? /\btitle=([^|]+)/.exec(options)?.[1] : undefined;
    if (title !== undefined) return `<details>\n<summary>${title}</summary>\n\n${inner}\n\n</details>`;
    return quote(`[!${kind === 'panel' || kind === 'info' ? 'NOTE' : kind.toUpperCase()}]\n${inner}`, pieces);
  })
    .split('\n')
    .map(line)
    .join('\n');
  return blocks
    .split('\n')
    .map((row) => pieces.restore(row))
    .join('\n')
    .trim();
}

/** !screen.png|thumbnail! and [^orders.csv] */
const fileReference =
  /(^|[^\\\p{L}\p{N}])(?:!([^!\n|\s][^!\n|]{0,200}\.\w{1,5}(?:\|[^!\n]{0,200})?)!|\[\^([^\]\n]{1,200})\])/gmu;

/** Files that the markup refers to: their address in the Markdown, mapped to the markup. */
export function wikiFiles(wiki: string): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  for (const [, , image, file] of wiki.matchAll(fileReference)) {
    const markup = file === undefined ? `!${image}!` : `[^${file}]`;
    files.set(`media:${encodeURIComponent(markup)}`, markup);
  }
  return files;
}

/** Re-escapes a character that was escaped in wiki markup and is special in Markdown, too. */
function escapedForMarkdown(sign: string): string {
  return /[\\`<]/.test(sign) ? `\\${sign}` : sign;
}

function unescapeWiki(text: string): string {
  return text
    .replaceAll(escapedMark, '$1')
    .replaceAll(/&(?:#92|amp|lt|gt|nbsp);/g, (name) => references.get(name) ?? name);
}

/** Longer than any run of backticks in the content. */
function fenceFor(code: string, shortest: number): string {
  return '`'.repeat(Math.max(shortest, ...[...code.matchAll(/`+/g)].map(([run]) => run.length + 1)));
}

function fenced(code: string, language: string): string {
  const fence = fenceFor(code, 3);
  return `${fence}${language}\n${code}\n${fence}`;
}

function codeSpan(code: string): string {
  const fence = fenceFor(code, 1);
  const space = code.startsWith('`') || code.endsWith('`') ? ' ' : '';
  return `${fence}${space}${code}${space}${fence}`;
}

function languageOf(options: string | undefined): string {
  const first = options?.split('|')[0] ?? '';
  return first.includes('=') ? '' : first;
}

function quote(text: string, pieces: Pieces): string {
  return text
    .split('\n')
    .map(line)
    .join('\n')
    .split('\n')
    .flatMap((row) => pieces.restore(row).split('\n'))
    .map((row) => `> ${pieces.keep(row)}`)
    .join('\n');
}

function line(text: string): string {
  const heading = /^h([1-6])\.\s*(.*)$/.exec(text);
  if (heading !== null) return `${'#'.repeat(Number(heading[1]))} ${inline(heading[2] ?? '')}`;
  const quoted = /^bq\.\s*(.*)$/.exec(text);
  if (quoted !== null) return `> ${inline(quoted[1] ?? '')}`;
  const item = /^([*#-]+)\s+(.*)$/.exec(text);
  if (item !== null && text !== '----') return listLine(item[1] ?? '', item[2] ?? '');
  if (/^\|\|.*\|\|\s*$/.test(text)) return headerRow(text);
  return inline(text);
}

function listLine(marks: string, text: string): string {
  const said = inline(text).replace(/^☐ /, '[ ] ').replace(/^☑ /, '[x] ');
  return `${'   '.repeat(marks.length - 1)}${marks.endsWith('#') ? '1.' : '-'} ${said}`;
}

function headerRow(text: string): string {
  const cells = text.trim().slice(2, -2).split('||');
  return `| ${cells.map((cell) => inline(cell.trim())).join(' | ')} |\n|${' --- |'.repeat(cells.length)}`;
}

function inline(text: string): string {
  return text
    .replaceAll(/\[~(?:accountid:)?([^\]\s]{1,100})\]/g, '[~accountid:$1]')
    .replaceAll(/\[([^[\]|\n]{1,500})\|([^[\]|\n]{1,2000})(?:\|[^[\]\n]{0,200})?\]/g, '[$1]($2)')
    .replaceAll(/\[((?:https?:\/\/|mailto:)[^[\]|\s]{1,2000})\]/g, '<$1>')
    .replaceAll(/\{([*_+^~-])\}([^{}\n]{1,1000}?)\{\1\}/g, (_, sign: string, text: string) => inBraces(sign, text))
    .replaceAll(/(?<![\p{L}\p{N}*])\*(?=\S)([^*\n]{1,1000}?)(?<=\S)\*(?![\p{L}\p{N}*])/gu, '**$1**')
    .replaceAll(/(?<![\p{L}\p{N}-])-(?=[^\s-])([^-\n]{1,1000}?)(?<=\S)-(?![\p{L}\p{N}-])/gu, '~~$1~~')
    .replaceAll(/\{color(?::[^{}]{0,50})?\}/g, '');
}

const tags: Readonly<Record<string, string>> = { '*': 'strong', _: 'em', '-': 's', '+': 'u', '~': 'sub', '^': 'sup' };

/** Formatting inside a word. */
function inBraces(sign: string, text: string): string {
  const tag = tags[sign] ?? 'strong';
  return `<${tag}>${text}</${tag}>`;
}
