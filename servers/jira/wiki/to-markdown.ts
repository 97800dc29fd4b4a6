const marker = '\u0000';
const escapedMark = /\\([^\p{L}\p{N}\s])/gu;

/** Wiki markup of Jira Data Center as Markdown, for reading: what is not known stays as it is written. */
export function wikiToMarkdown(wiki: string): string {
  const kept: string[] = [];
  const keep = (text: string): string => `${marker}${kept.push(text) - 1}${marker}`;
  const withoutCode = wiki
    .replaceAll(marker, '')
    .replaceAll('\r\n', '\n')
    .replaceAll(
      /(?<!\{)\{(code|noformat)(?::([^}\n]*))?\}(?!\})\n?([\s\S]*?)\n?\{\1\}/g,
      (_, _kind, options: string | undefined, code: string) => keep(fenced(code, languageOf(options))),
    )
    .replaceAll(/\{\{([^{}\n]{1,500})\}\}/g, (_, code: string) => keep(codeSpan(unescapeWiki(code))))
    .replaceAll(escapedMark, (_, character: string) => keep(character));
  const blocks = withoutCode
    .replaceAll(/\{quote\}\n?([\s\S]*?)\n?\{quote\}/g, (_, quoted: string) => quote(quoted))
    .replaceAll(
      /\{(info|tip|note|warning|panel)(?::[^}\n]*)?\}\n?([\s\S]*?)\n?\{\1\}/g,
      (_, kind: string, inner: string) =>
        quote(`[!${kind === 'panel' || kind === 'info' ? 'NOTE' : kind.toUpperCase()}]\n${inner}`),
    )
    .split('\n')
    .map(line)
    .join('\n');
  // What was kept stands for itself again; a bar inside a table's cell stays escaped.
  const restore = (row: string): string =>
    row.replaceAll(new RegExp(`${marker}(\\d+)${marker}`, 'g'), (_, index: string) => {
      const text = kept[Number(index)] ?? '';
      return text === '|' && row.startsWith('|') ? '\\|' : text;
    });
  return blocks.split('\n').map(restore).join('\n').trim();
}

function unescapeWiki(text: string): string {
  return text.replaceAll(escapedMark, '$1');
}

/** Longer than any run of backticks inside. */
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

function quote(text: string): string {
  return text
    .split('\n')
    .map((part) => `> ${part}`)
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
    .replaceAll(/\[~(?:accountid:)?([^\]\s]{1,100})\]/g, '@$1')
    .replaceAll(/\[([^[\]|\n]{1,500})\|([^[\]|\n]{1,2000})(?:\|[^[\]\n]{0,200})?\]/g, '[$1]($2)')
    .replaceAll(/\[((?:https?:\/\/|mailto:)[^[\]|\s]{1,2000})\]/g, '<$1>')
    .replaceAll(/(?<![\p{L}\p{N}*])\*(?=\S)([^*\n]{1,1000}?)(?<=\S)\*(?![\p{L}\p{N}*])/gu, '**$1**')
    .replaceAll(/(?<![\p{L}\p{N}-])-(?=[^\s-])([^-\n]{1,1000}?)(?<=\S)-(?![\p{L}\p{N}-])/gu, '~~$1~~')
    .replaceAll(/\{color(?::[^{}]{0,50})?\}/g, '');
}
